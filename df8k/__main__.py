"""``python -m df8k`` is the ``df8k`` command."""

from df8k.cli import main

if __name__ == "__main__":
    main()

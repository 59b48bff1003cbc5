"""Working starts for a method of one's own, one folder for each way to bring it."""

from pathlib import Path

from df8k.baselines.base import MethodError

_HERE = Path(__file__).parent


def kinds() -> list[str]:
    """List the templates by name."""
    return sorted(path.parent.name for path in _HERE.glob("*/README.md"))


def write_template(folder: Path, kind: str) -> list[Path]:
    """Write a template.

    Args:
        folder: created when absent; must not hold a file that the template has.
        kind: one of `kinds`.

    Returns:
        The files that were written.

    Raises:
        MethodError: there is no such template, or a file would be replaced; nothing is written then.
    """
    if kind not in kinds():
        raise MethodError(f"there is no template {kind!r}: known: {', '.join(kinds())}")
    sources = sorted(path for path in (_HERE / kind).iterdir() if path.is_file())
    targets = [folder / source.name for source in sources]
    for target in targets:
        if target.exists():
            raise MethodError(f"{target} exists: give another folder, or move it away")
    folder.mkdir(parents=True, exist_ok=True)
    for source, target in zip(sources, targets, strict=True):
        target.write_bytes(source.read_bytes())
    return targets

"""Writes the tutorials as notebooks: a tutorial's page is its only source.

python -P docs/notebooks.py OUT
"""

import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

import jupytext
import nbformat

if TYPE_CHECKING:
    from nbformat import NotebookNode

TUTORIALS: Final = Path(__file__).resolve().parent / "tutorials"
ORDER: Final = ("build-your-own", "your-method", "reproduce")
_KERNEL: Final = """\
---
jupyter:
  kernelspec: {display_name: Python 3, language: python, name: python3}
  language_info: {name: python}
---

"""
_PREPARE: Final = """\
# A new runtime, as free services give, has no df8k yet.
import importlib.util

if importlib.util.find_spec("df8k") is None:
    %pip install --quiet "df8k[site]"

import subprocess
from pathlib import Path

from df8k.bundled import write_images

if not Path("photos").exists():  # put your own there
    write_images(Path("photos"), small=True)
"""
_EARLIER: Final = '''

def make(path, command):
    """What a tutorial before this one leaves, unless it is here."""
    if not Path(path).exists():
        subprocess.run(command.split(), check=True)

'''


def blocks(name: str) -> list[tuple[str, str, str]]:
    """Read the code of a tutorial: language, title and text of each block, in order."""
    text = (TUTORIALS / f"{name}.md").read_text(encoding="utf-8")
    return re.findall(r"^```(\w+)(?: title=\"(.*?)\")?\n(.*?)^```", text, re.DOTALL | re.MULTILINE)


def prepare(name: str) -> str:
    """Write the first cell: photographs, and what the tutorials before leave for this one."""
    commands = []
    for earlier in ORDER[: ORDER.index(name)]:
        for _, title, text in blocks(earlier):
            if title:
                commands.append(
                    f'if not Path("{title}").exists():\n    Path("{title}").write_text("""{text}""")'
                )
            for command in text.splitlines():
                made = re.match(r"df8k (?:build|evaluate) .*?--out (\S+)|df8k method init (\S+)", command)
                if made:
                    commands.append(f'make("{made[1] or made[2]}", "{command}")')
    return _PREPARE + (_EARLIER + "\n".join(commands) + "\n" if commands else "")


def notebook(name: str) -> "NotebookNode":
    """Make the notebook of a tutorial; the same page gives the same notebook."""
    text = (TUTORIALS / f"{name}.md").read_text(encoding="utf-8")
    text = re.sub(r"^```toml title=\"(.*?)\"$", r"```python\n%%writefile \1", text, flags=re.MULTILINE)
    text = re.sub(r"^(```sh\n)", r"\1set -e\n", text, flags=re.MULTILINE)
    made = jupytext.reads(_KERNEL + text, fmt="md")
    made.cells.insert(1, nbformat.v4.new_code_cell(prepare(name)))
    for number, cell in enumerate(made.cells):
        cell["id"] = f"{name}-{number}"
        if cell.cell_type == "markdown":
            cell["source"] = re.sub(r"\[([^\]]*)\]\((?!https?:)([^)]*)\)", _relinked, cell["source"])
    made.metadata.pop("jupytext", None)
    return made


def _relinked(link: re.Match[str]) -> str:
    """Lead from notebook to notebook; other pages become their names."""
    stem = Path(link[2]).stem
    return f"[{link[1]}]({stem}.ipynb)" if stem in ORDER else link[1]


def write_notebooks(folder: Path) -> list[Path]:
    """Write ``NAME.ipynb`` of every tutorial to a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = [folder / f"{name}.ipynb" for name in ORDER]
    for path in paths:
        path.write_text(nbformat.writes(notebook(path.stem)) + "\n", encoding="utf-8")
    return paths


if __name__ == "__main__":
    write_notebooks(Path(sys.argv[1]))

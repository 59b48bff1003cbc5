"""Builds the documentation site: pages and tutorials of docs/, model cards, reference of the public names.

python -P docs/site.py OUT
"""

import importlib
import inspect
import re
import runpy
import subprocess
import sys
from pathlib import Path
from shutil import copytree, rmtree

DOCS = Path(__file__).resolve().parent
ROOT = DOCS.parent
PACKAGES = ("df8k", "df8k.masks", "df8k.metrics", "df8k.baselines", "df8k.leaderboard")
CARDS = {f"{name}-card.md": ROOT / "baselines" / name / "MODEL_CARD.md" for name in ("rethined", "hifill")}
CONFIG = """
[project]
site_name = "DF8K-Inpainting"
site_description = "Ultra-high-definition image inpainting: dataset, methods, metrics, leaderboard."
docs_dir = "pages"
site_dir = "site"
nav = [
  {{ "Start" = ["index.md", "install.md"] }},
  {{ "Tutorials" = ["tutorials/build-your-own.md", "tutorials/your-method.md", "tutorials/reproduce.md"] }},
  {{ "Dataset" = ["dataset.md", "data.md", "masks.md", "scale.md"] }},
  {{ "Measures" = ["protocol.md", "metrics.md", "latency.md", "performance.md", "leaderboard.md"] }},
  {{ "Methods" = ["methods.md", "rethined.md", "hifill.md", "edge.md", "training.md", {cards}] }},
  {{ "Reference" = [{packages}] }},
  {{ "Project" = [{project}] }},
]

[project.theme]
font = false # no request leaves the site
features = ["navigation.indexes", "navigation.top", "content.code.copy", "search.highlight"]

[[project.theme.palette]]
media = "(prefers-color-scheme: light)"
scheme = "default"

[[project.theme.palette]]
media = "(prefers-color-scheme: dark)"
scheme = "slate"

[project.plugins.mkdocstrings.handlers.python]
paths = ["{root}"]

[project.plugins.mkdocstrings.handlers.python.options]
docstring_style = "google"
docstring_section_style = "list" # a table is wider than a phone
show_source = false
show_root_heading = true
show_root_full_path = false
show_root_toc_entry = true
heading_level = 2
separate_signature = true
"""


def _reference_page(package: str) -> str:
    return f"reference/{package.rpartition('.')[2]}.md"


def reference(package: str) -> str:
    """Write the page of a package: its docstring, then every public name by its home."""
    module = importlib.import_module(package)
    lines = [f"# `{package}`\n", (module.__doc__ or "").partition("\n")[0], ""]
    for name in sorted(module.__all__, key=str.lower):
        value = getattr(module, name)
        if not (inspect.isclass(value) or inspect.isfunction(value)):
            continue  # constants and aliases are described by the pages that use them
        lines.append(f"::: {value.__module__}.{value.__qualname__}\n")
    return "\n".join(lines)


def relink(text: str, folder: Path, homes: dict[Path, str]) -> str:
    """Point links at pages of the site; those to files outside it become their names."""

    def target(match: re.Match[str]) -> str:
        label, link = match[1], match[2]
        path, _, anchor = link.partition("#")
        if "://" in link or not path:
            return match[0]
        home = homes.get((folder / path).resolve())
        if home is None:
            return f"{label} (`{(folder / path).resolve().relative_to(ROOT)}`)"
        return f"[{label}]({home}{'#' + anchor if anchor else ''})"

    return re.sub(r"(?<!!)\[([^\]]*)\]\(([^)\s]+)\)", target, text)


def stage(out: Path) -> None:
    """Write the pages, their figures and the configuration."""
    pages = out / "pages"
    rmtree(pages, ignore_errors=True)
    (pages / "tutorials").mkdir(parents=True)
    (pages / "reference").mkdir()
    copytree(
        DOCS / "figures", pages / "figures", ignore=lambda _, names: [n for n in names if n.endswith(".py")]
    )
    sources = {path.relative_to(DOCS).as_posix(): path for path in sorted(DOCS.rglob("*.md"))} | CARDS
    extra = {"contributing.md": ROOT / "CONTRIBUTING.md", "changelog.md": ROOT / "CHANGELOG.md"}
    for page, name in (("security-model.md", "SECURITY.md"), ("code_of_conduct.md", "CODE_OF_CONDUCT.md")):
        if (ROOT / name).exists():
            extra[page] = ROOT / name
    sources |= extra
    for name, path in sources.items():
        up = "../" * name.count("/")
        homes = {source.resolve(): up + page for page, source in sources.items()}
        (pages / name).write_text(
            relink(path.read_text(encoding="utf-8"), path.parent, homes), encoding="utf-8"
        )
    for path in runpy.run_path(str(DOCS / "notebooks.py"))["write_notebooks"](pages / "tutorials"):
        with path.with_suffix(".md").open("a", encoding="utf-8") as page:
            page.write(f"\nThis page as a [notebook]({path.name}), to download and run.\n")
    for package in PACKAGES:
        (pages / _reference_page(package)).write_text(reference(package), encoding="utf-8")
    config = CONFIG.format(
        root=ROOT,
        cards=", ".join(f'"{name}"' for name in CARDS),
        packages=", ".join(f'"{_reference_page(package)}"' for package in PACKAGES),
        project=", ".join(f'"{name}"' for name in ["security.md", "policy.md", *extra]),
    )
    (out / "zensical.toml").write_text(config, encoding="utf-8")


if __name__ == "__main__":
    folder = Path(sys.argv[1]).resolve()
    stage(folder)
    command = [
        Path(sys.executable).with_name("zensical"),
        "build",
        "--strict",
        "--clean",
        "--config-file",
        folder / "zensical.toml",
    ]
    sys.exit(subprocess.run(command, cwd=folder, check=False).returncode)

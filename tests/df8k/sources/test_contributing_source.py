"""What CONTRIBUTING says of adding a source, done as it says."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pyarrow.parquet as pq

ROOT = Path(__file__).parents[3]
PACKAGES = ("df8k", "masks", "metrics", "baselines", "leaderboard", "_df8k")


def test_a_source_is_one_file_and_one_line(pictures, serving, tmp_path):
    """Takes the example out of a copy of the packages, then follows CONTRIBUTING to put it back."""
    section = (ROOT / "CONTRIBUTING.md").read_text().partition("## Add a source")[2].partition("\n## ")[0]
    file, line = re.findall(r"```python\n(.*?)```", section, re.DOTALL)
    copy = tmp_path / "copy"
    for name in PACKAGES:
        shutil.copytree(ROOT / name, copy / name, symlinks=True, ignore=shutil.ignore_patterns("__pycache__"))
    registry = copy / "df8k/sources/__init__.py"
    (copy / "df8k/sources/urls.py").unlink()
    lines = [row for row in registry.read_text().splitlines() if row != line.rstrip()]
    registry.write_text("\n".join(lines) + "\n")
    files = {f"/{path.name}": path.read_bytes() for path in sorted(pictures.glob("*-*.png"))[:3]}
    with serving(files) as server:
        (tmp_path / "list.csv").write_text("\n".join(["url", *(f"{server.url}{name}" for name in files)]))
        command = [sys.executable, "-m", "df8k", "build", "--no-curation", "--min-side", "64"]
        command += ["--source", f"urls:{tmp_path / 'list.csv'}", "--out", str(tmp_path / "out")]
        environment = os.environ | {"PYTHONPATH": str(copy), "DF8K_CACHE": str(tmp_path / "cache")}
        before = subprocess.run(
            command, env=environment, cwd=tmp_path, capture_output=True, text=True, check=False
        )
        assert "no source is called 'urls'" in before.stderr
        (copy / "df8k/sources/urls.py").write_text(file)
        begins = next(at for at, row in enumerate(lines) if row.startswith("_SCHEMES"))
        lines.insert(begins + 1, line.rstrip())
        registry.write_text("\n".join(lines) + "\n")
        after = subprocess.run(
            command, env=environment, cwd=tmp_path, capture_output=True, text=True, check=False
        )
        assert after.returncode == 0, after.stderr
    rows = pq.read_table(tmp_path / "out/manifest.parquet").to_pylist()
    assert sorted(row["key"] for row in rows) == sorted(f"{server.url}{name}" for name in files)


def test_the_examples_are_the_files_that_they_show():
    text = (ROOT / "CONTRIBUTING.md").read_text()
    assert (ROOT / "df8k/sources/urls.py").read_text().strip() in text
    assert '\n    "urls": "urls:UrlList",\n' in (ROOT / "df8k/sources/__init__.py").read_text()

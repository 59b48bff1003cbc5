"""A small share of what ``make fuzz`` runs: every mutated file is read, or refused in words."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from fuzz_drivers import DRIVERS, once

COUNTS = {"dataset": 25, "results": 25}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    deep = tmp_path_factory.mktemp("fuzz") / "a/b/c"
    deep.mkdir(parents=True)
    return deep


@pytest.mark.parametrize("name", DRIVERS)
def test_mutated_files_are_read_or_refused_in_words(folder, name):
    driver = DRIVERS[name](folder)
    refused = sum(once(driver, name, seed) for seed in range(COUNTS.get(name, 150)))
    assert refused or name in {"dataset", "results"}  # these turn refusals into words themselves
    root = folder.parents[2]
    assert not [path for path in root.rglob("*") if path.is_file() and not path.is_relative_to(folder)]

"""Paired removal: written, loaded, packed, scored by region, shown; faults in words."""

import json
import tarfile
from pathlib import Path

import datasets
import numpy as np
import pytest
from click.testing import CliRunner
from PIL import Image

from df8k.cli import cli
from df8k.errors import DatasetError
from df8k.leaderboard.studies.removal import score_removal
from df8k.removal import RemovalPair, load_removal, pack_removal, write_removal
from df8k.removal.example import example_pairs


@pytest.fixture(scope="module")
def pairs(tmp_path_factory):
    return write_removal(example_pairs(2, side=96), tmp_path_factory.mktemp("removal") / "set")


def run(*words):
    return CliRunner().invoke(cli, list(map(str, words)))


def test_the_example_has_a_ball_and_a_shadow_and_is_always_the_same(pairs):
    for pair, again in zip(pairs, sorted(example_pairs(2, side=96), key=lambda one: one.id), strict=True):
        assert np.array_equal(pair.image, again.image)
        assert pair.mask.any()
        assert pair.effects.any()
        untouched = ~pair.mask & ~pair.effects
        assert np.abs(pair.image[untouched].astype(int) - pair.clean[untouched]).max() <= 2
        assert (pair.image[pair.effects].astype(int) < pair.clean[pair.effects]).any(axis=1).all()


def test_the_folder_loads_with_datasets(pairs, tmp_path):
    table = datasets.load_dataset(str(pairs.root), split="train", cache_dir=str(tmp_path))
    assert len(table) == 2
    assert {"image", "mask_file_name", "clean_file_name", "effects_file_name"} & set(table.column_names)
    assert np.array_equal(np.asarray(table[0]["image"]).shape, pairs[0].image.shape)


def test_shards_hold_every_file_and_are_the_same_twice(pairs, tmp_path):
    (shard,) = pack_removal(pairs, tmp_path / "a")
    assert shard.read_bytes() == pack_removal(pairs, tmp_path / "b")[0].read_bytes()
    with tarfile.open(shard) as archive:
        names = archive.getnames()
    kinds = ("image", "mask", "clean", "effects")
    assert names == [f"{row.id}.{kind}.png" for row in pairs.rows for kind in kinds]


def test_regions_tell_a_removal_with_its_shadow_from_one_without(pairs):
    perfect = score_removal(lambda _, pair: pair.clean, pairs, ["l1"]).metrics
    assert {"l1.full", "l1.hole", "l1.effects"} <= set(perfect)
    assert {one.mean for one in perfect.values()} == {0}

    def kept_shadow(_, pair):
        out = pair.image.copy()
        out[pair.mask] = pair.clean[pair.mask]
        return out

    kept = score_removal(kept_shadow, pairs, ["l1"]).metrics
    assert kept["l1.hole"].mean == 0
    assert kept["l1.effects"].mean > 0.02
    assert 0 < kept["l1.full"].mean < kept["l1.effects"].mean


def test_a_wrong_size_is_a_failure_of_that_pair_alone(pairs):
    first = pairs.rows[0].id
    scores = score_removal(lambda name, pair: pair.clean[:-1] if name == first else pair.clean, pairs, ["l1"])
    assert list(scores.failures) == [first]
    assert scores.metrics["l1.full"].n == 1


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda pair: RemovalPair(pair.image, pair.mask, pair.clean[:-1], pair.effects), "sizes"),
        (lambda pair: RemovalPair(pair.image, pair.mask & False, pair.clean), "mask is empty"),
        (lambda pair: RemovalPair(pair.image, pair.mask, pair.clean, pair.mask), "overlap the mask"),
    ],
)
def test_pairs_that_do_not_fit_are_refused(pairs, tmp_path, change, words):
    with pytest.raises(DatasetError, match=words):
        write_removal([change(pairs[0])], tmp_path)


@pytest.mark.parametrize(
    ("damage", "words"),
    [
        (lambda root, row: (root / row.clean_file_name).unlink(), "cannot be read"),
        (lambda root, row: (root / row.mask_file_name).write_bytes(b"no"), "masks/"),
        (
            lambda root, row: Image.new("RGB", (128, 96)).save(root / row.file_name),
            "not those that the metadata",
        ),
        (lambda root, row: rewrite(root, file_name="../../etc/passwd"), "cannot be read"),
        (lambda root, row: rewrite(root, id="../x"), "line 1"),
        (lambda root, row: (root / "metadata.jsonl").unlink(), "no metadata.jsonl"),
        (lambda root, row: (root / "metadata.jsonl").write_text(""), "names no pair"),
    ],
)
def test_damaged_sets_are_told_in_words(tmp_path, damage, words):
    root = write_removal(example_pairs(1, side=96), tmp_path).root
    damage(root, load_removal(root).rows[0])
    with pytest.raises(DatasetError, match=words):
        load_removal(root)[0]


def rewrite(root, **fields):
    path = root / "metadata.jsonl"
    path.write_text(json.dumps(json.loads(path.read_text()) | fields) + "\n")


def test_from_the_command_line(tmp_path):
    assert run("removal", "example", "--out", tmp_path / "set", "--count", 2).exit_code == 0
    rebuilt = run("removal", "build", tmp_path / "set", "--out", tmp_path / "again")
    assert rebuilt.exit_code == 0, rebuilt.output
    assert (tmp_path / "set/metadata.jsonl").read_text() == (tmp_path / "again/metadata.jsonl").read_text()
    assert run("removal", "pack", tmp_path / "set", "--out", tmp_path / "shards").exit_code == 0
    ids = [pair.id for pair in load_removal(tmp_path / "set")]
    told = {"folder": str(tmp_path / "set"), "pairs": ids}
    example = run("removal", "example", "--out", tmp_path / "set", "--count", 2, "--json")
    assert json.loads(example.stdout) == told
    rebuilt = run("removal", "build", tmp_path / "set", "--out", tmp_path / "again", "--json")
    assert json.loads(rebuilt.stdout) == told | {"folder": str(tmp_path / "again")}
    packed = run("removal", "pack", tmp_path / "set", "--out", tmp_path / "packed", "--json")
    shards = [Path(path) for path in json.loads(packed.stdout)["shards"]]
    assert shards == sorted((tmp_path / "packed").glob("*.tar"))
    words = ["removal", "score", tmp_path / "set", "--method", "mean", "--metrics", "l1,psnr"]
    done = run(*words, "--sheets", tmp_path / "sheets", "--json")
    assert done.exit_code == 0, done.output
    told = json.loads(done.stdout)
    assert {"l1.full", "l1.hole", "l1.effects"} <= set(told["metrics"])
    sheets = list((tmp_path / "sheets").glob("*.png"))
    assert len(sheets) == 2
    with Image.open(sheets[0]) as sheet:
        assert sheet.size == (4 * 256, 192)
    folder = run(
        "removal", "score", tmp_path / "set", "--predictions", tmp_path / "set/clean", "--metrics", "l1"
    )
    assert folder.exit_code == 0, folder.output
    assert run("removal", "score", tmp_path / "set").exit_code == 2

"""Programs of `test_scale`, each in a process that knows the store: ``scale_checks.py NAME ARGUMENT...``."""

import json
import os
import sys
import time
from dataclasses import replace
from pathlib import Path

import numpy as np

import df8k
from _df8k.store import locate


def upload(*folders: str) -> None:
    """Make the buckets, as soon as the store answers, and fill them."""
    import s3fs

    buckets = ("photographs", "datasets")
    for _ in range(100):
        try:
            for bucket in buckets:
                s3fs.S3FileSystem().makedirs(bucket, exist_ok=True)
            break
        except Exception:  # noqa: BLE001 - whatever a store that starts answers
            time.sleep(0.5)
    for folder, target in zip(folders, ("photographs", "datasets/reference"), strict=True):
        for path in Path(folder).rglob("*"):
            if path.is_file():
                locate(f"s3://{target}/{path.relative_to(folder)}").write_bytes(path.read_bytes())


def download(address: str, folder: str) -> None:
    """Copy a dataset of the store, and let it verify itself."""
    from df8k.verification import verify

    root = locate(address)
    for path in root.rglob("*"):
        target = Path(folder) / path.relative_to(root)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(path.read_bytes())
    assert verify(root) == []


def compare(divided: str, whole: str) -> None:
    """Compare an evaluation on Ray with one of a single process that timed nothing."""
    from df8k.leaderboard.audit.validate import read_sound
    from df8k.leaderboard.results.per_image import per_image_path, read_per_image
    from df8k.leaderboard.site.board import rank

    one, other = (read_sound(locate(path)) for path in (divided, whole))
    # Both workers' machines are this one: there is a latency, and it is marked.
    assert [share.shared_machine for share in one.parts] == [True, True]
    assert all(size.latency is not None and size.latency.images > 2 for size in one.sizes)
    (entry,) = rank([one]).entries
    assert "shared machine" in entry.timing.flags
    untimed = [size.model_copy(update={"latency": None}) for size in one.sizes]
    assert untimed == other.sizes, (untimed, other.sizes)
    assert one.dataset == other.dataset
    rows = [
        sorted(
            repr(replace(row, seconds=None, model_seconds=None))
            for row in read_per_image(per_image_path(locate(path)))
        )
        for path in (divided, whole)
    ]
    assert rows[0] == rows[1]
    assert len(rows[0]) > 2
    names = {path.stem for path in locate("s3://datasets/filled").rglob("*.png")}
    assert names == set(one.dataset.ids)


def commands(reference: str, address: str) -> None:
    """Score, pack and time on Ray, by relative paths, and compare with this process."""
    from df8k import leaderboard
    from df8k.cli import main
    from df8k.publishing.pack import pack

    def on_ray(*arguments: str) -> int:
        sys.argv = ["df8k", *arguments, "--engine", "ray", "--address", address]
        try:
            main()
        except SystemExit as end:
            return int(end.code or 0)
        return 0

    data = os.path.relpath(reference)
    test = df8k.load(data, split="test")
    plan = leaderboard.Evaluation(sizes=(64,), metrics=("l1",))
    leaderboard.evaluate("mean", test, evaluation=plan, out="mean.json", predictions="filled")
    expected = leaderboard.score("filled", test, name="mean", evaluation=plan).result
    Path("filled/64/stranger.png").write_bytes(Path(f"filled/64/{test[0].id}.png").read_bytes())
    scoring = ["score", "--predictions", "filled", "--data", data, "--name", "mean", "--metrics", "l1"]
    assert on_ray(*scoring, "--out", "scored.json") == 1  # a file belongs to no image
    scored = leaderboard.read_result("scored.json")
    assert scored.sizes == expected.sizes
    assert len(scored.parts) == 2
    assert on_ray("pack", data, "--format", "webdataset", "--out", "packed") == 0
    for path in pack(Path(data), Path("here"), "webdataset"):
        assert (Path("packed") / path.relative_to("here")).read_bytes() == path.read_bytes()
    options = ["--sizes", "64", "--tier", "rapid", "--sessions", "1", "--limit-s", "0.1", "--images", "1"]
    timing = ["latency", "--method", "mean", *options, "--no-areas"]
    assert on_ray(*timing, "--out", "mean.latency.json") == 0
    (size,) = json.loads(Path("mean.latency.json").read_text())["sizes"]
    assert size["status"] == "ok"
    assert size["e2e"]["p50_s"] > 0


def hugging_face(reference: str) -> None:
    """Load a split from its bucket with `datasets`."""
    from datasets import load_dataset

    client = {
        "endpoint_url": os.environ["AWS_ENDPOINT_URL"],
        "region_name": os.environ["AWS_DEFAULT_REGION"],
    }
    login = {"key": os.environ["AWS_ACCESS_KEY_ID"], "secret": os.environ["AWS_SECRET_ACCESS_KEY"]}
    loaded = load_dataset(
        "imagefolder",
        data_files={"test": "s3://datasets/reference/test/**"},
        split="test",
        drop_labels=True,
        storage_options={**login, "client_kwargs": client},
        streaming=True,
    )
    rows = list(loaded)
    samples = {sample.id: sample for sample in df8k.load(reference, split="test")}
    assert {row["id"] for row in rows} == set(samples)
    assert len(rows) == len(samples) > 1
    for row in rows:
        assert (samples[row["id"]].image == row["image"]).all()
        assert (samples[row["id"]].mask == (np.asarray(row["mask"]) > 0)).all()


if __name__ == "__main__":
    globals()[sys.argv[1]](*sys.argv[2:])

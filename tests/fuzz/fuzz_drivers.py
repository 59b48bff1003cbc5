"""One driver for each kind of file from outside: mutates a sound one and reads it by the public API."""

import io
import json
import random
import shutil
import warnings
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import safetensors.numpy
from fuzz_mutate import mutate_bytes, mutate_json, mutate_table
from PIL import Image

import baselines
import df8k
import leaderboard
import masks
import metrics
from baselines.adapters.declaration import read_declaration
from baselines.hifill.stored import read_stored as read_hifill
from df8k.builder import build
from df8k.config import BuildConfig, read_config, read_names
from df8k.documents.summary import summarise
from df8k.images import Rejected, decode
from df8k.publishing.pack import pack
from df8k.recipe import read_recipe
from df8k.removal import load_removal, write_removal
from df8k.removal.example import example_pairs
from df8k.scenes import KINDS, render
from df8k.sources import candidates
from df8k.sources.credits import read_credits
from df8k.sources.unpack import unpack
from df8k.sources.urls import UrlList
from leaderboard.audit.validate import validate
from leaderboard.results.distribution_states import features_path
from leaderboard.results.journal import Journal
from leaderboard.results.mask_sweep import read_sweep
from leaderboard.results.per_image import checked_rows, per_image_path, read_arrays
from leaderboard.results.schema import read_result
from leaderboard.results.votes import read_votes
from leaderboard.votes.score import score_votes
from masks.importing import import_mask

# What the public API may raise for bad input; everything else is a traceback.
WORDS = (
    df8k.Df8kError,
    leaderboard.LeaderboardError,
    masks.MaskError,
    metrics.MetricError,
    baselines.MethodError,
    Rejected,
    OSError,
)
Driver = Callable[[random.Random], None]


def corpus(folder: Path) -> Path:
    """Make the sound files that drivers mutate, once."""
    sound = folder / "sound"
    if sound.exists():
        return sound
    pictures = folder / "pictures"
    pictures.mkdir(parents=True)
    for index, kind in enumerate(list(KINDS)[:3]):
        Image.fromarray(render(kind, 72 + 8 * index, 64, "fuzz")).save(pictures / f"{kind}.png")
    making = folder / "making"
    making.mkdir()
    shares = {"train": 0, "validation": 0, "test": 1}
    build(
        candidates([str(pictures)]), making / "dataset", BuildConfig(name="tiny", min_side=64, splits=shares)
    )
    options = leaderboard.Evaluation(sizes=[64], metrics=["l1", "psnr", "swd"])
    leaderboard.evaluate(
        baselines.load("mean"),
        df8k.load(making / "dataset"),
        evaluation=options,
        out=making / "result.json",
    )
    making.rename(sound)
    return sound


def image_files() -> list[bytes]:
    """Encode a small picture in every format and mode that is decoded."""
    random_pixels = np.random.default_rng(0).integers(0, 256, (24, 31, 3), dtype=np.uint8)
    picture = Image.fromarray(random_pixels)
    files = []
    for form, options in (
        ("PNG", {}),
        ("JPEG", {"quality": 90}),
        ("JPEG", {"progressive": True}),
        ("TIFF", {}),
        ("TIFF", {"compression": "tiff_lzw"}),
        ("TIFF", {"compression": "tiff_adobe_deflate"}),
        ("WEBP", {"lossless": True}),
        ("WEBP", {}),
        ("BMP", {}),
    ):
        for mode in ("RGB", "L", "RGBA", "CMYK", "P", "1"):
            buffer = io.BytesIO()
            try:
                picture.convert(mode).save(buffer, form, **options)
            except (OSError, ValueError):
                continue
            files.append(buffer.getvalue())
    deep = io.BytesIO()
    Image.fromarray(random_pixels[..., 0].astype(np.uint16) * 257).save(deep, "PNG")
    return [*files, deep.getvalue()]


def decode_driver(_folder: Path) -> Driver:
    files = image_files()

    def run(rng: random.Random) -> None:
        decode(mutate_bytes(rng, rng.choice(files)))

    return run


def dataset_driver(folder: Path) -> Driver:
    sound, work = corpus(folder) / "dataset", folder / "work"
    shutil.rmtree(work, ignore_errors=True)
    shutil.copytree(sound, work / "dataset")
    description = json.loads((sound / "df8k.json").read_text())
    tables = {name: pq.read_table(sound / name) for name in ("manifest.parquet", "test/metadata.parquet")}

    def run(rng: random.Random) -> None:
        root = work / "dataset"
        name = rng.choice(["df8k.json", "manifest.parquet", *["test/metadata.parquet"] * 3])
        data = mutate_json(rng, description) if name == "df8k.json" else mutate_table(rng, tables[name])
        (root / name).write_bytes(data)
        try:
            for use in rng.sample([_look, summarise, df8k.verify, _pack], 2):
                _in_words(use, root)
        finally:
            shutil.copyfile(sound / name, root / name)
            shutil.rmtree(work / "packed", ignore_errors=True)

    def _pack(root: Path) -> None:
        pack(root, work / "packed", "parquet")

    return run


def _in_words(use, *arguments) -> None:
    try:
        use(*arguments)
    except WORDS as error:
        str(error).encode()


def _look(root: Path) -> None:
    for sample in df8k.load(root):
        _ = sample.image, sample.mask
        vector = sample.vector
        if vector is not None:
            vector.area(sample.metadata["width"], sample.metadata["height"])


def result_driver(folder: Path) -> Driver:
    sound, work = corpus(folder), folder / "results"
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir(parents=True)
    path = work / "result.json"
    content = json.loads((sound / "result.json").read_text())
    table = pq.read_table(sound / "result.parquet")
    state = (features_path(sound / "result.json") / "64.safetensors").read_bytes()
    dataset = df8k.load(sound / "dataset")

    def restore() -> None:
        shutil.copyfile(sound / "result.json", path)
        shutil.copyfile(sound / "result.parquet", per_image_path(path))
        features_path(path).mkdir(exist_ok=True)
        (features_path(path) / "64.safetensors").write_bytes(state)

    def run(rng: random.Random) -> None:
        restore()
        kind = rng.randrange(4)
        if kind < 2:
            path.write_bytes(mutate_json(rng, content))
        elif kind == 2:
            per_image_path(path).write_bytes(mutate_table(rng, table))
        else:
            (features_path(path) / "64.safetensors").write_bytes(mutate_bytes(rng, state))
        if rng.random() < 0.5:
            _in_words(_reseal, path)
        _in_words(validate, path, dataset if rng.random() < 0.3 else None)
        _in_words(lambda: read_arrays(path, read_result(path)))

    return run


def _reseal(path: Path) -> None:
    """Seal an edited result anew, as whoever edits it can."""
    from hashlib import sha256

    from _df8k.files import sha256_of

    try:
        content = json.loads(path.read_bytes())
    except (ValueError, RecursionError):
        return
    if not isinstance(content, dict) or not isinstance(content.get("seal"), dict):
        return
    seal = content.pop("seal")
    text = json.dumps(content, sort_keys=True, separators=(",", ":")).encode()
    seal["content_sha256"] = sha256(text).hexdigest()
    seal["per_image_sha256"] = sha256_of(per_image_path(path))
    seal["features_sha256"] = {"64": sha256_of(features_path(path) / "64.safetensors")}
    path.write_text(json.dumps(content | {"seal": seal}))


def masks_driver(folder: Path) -> Driver:
    work = folder / "masks"
    work.mkdir(parents=True, exist_ok=True)
    vector = masks.synthesize(aspect=(4, 3), preset="df8k", key="fuzz")
    raster = vector.rasterize(40, 30)
    vector_json = json.loads(vector.json)
    array = io.BytesIO()
    np.save(array, raster)
    sound = {"mask.png": masks.encode_png(raster), "one.png": masks.encode_png(raster, bits=1)}
    sound["mask.npy"] = array.getvalue()
    for form in ("BMP", "TIFF", "GIF", "WEBP", "PPM"):
        buffer = io.BytesIO()
        Image.fromarray(raster.view(np.uint8) * np.uint8(255)).save(
            buffer, form, **{"lossless": True} if form == "WEBP" else {}
        )
        sound[f"mask.{form.lower()}".replace("ppm", "pgm")] = buffer.getvalue()
    masks.write_vectors(work / "vectors.jsonl", {"a": vector})
    masks.write_vectors(work / "vectors.jsonl.gz", {"a": vector})
    lines = {name: (work / name).read_bytes() for name in ("vectors.jsonl", "vectors.jsonl.gz")}

    def run(rng: random.Random) -> None:
        kind = rng.randrange(4)
        if kind == 0:
            masks.decode_png(mutate_bytes(rng, sound["mask.png"]))
        elif kind == 1:
            name = rng.choice(list(sound))
            (work / name).write_bytes(mutate_bytes(rng, sound[name]))
            import_mask(work / name, hole=rng.choice(["white", "black"]))
        elif kind == 2:
            text = mutate_json(rng, vector_json).decode("utf-8", "replace")
            canonical = _canonical(text) if rng.random() < 0.7 else text
            masks.VectorMask.from_json(canonical).rasterize(40, 30)
        else:
            name = rng.choice(list(lines))
            (work / name).write_bytes(mutate_bytes(rng, lines[name]))
            masks.read_vectors(work / name)

    return run


def _canonical(text: str) -> str:
    try:
        return json.dumps(json.loads(text), sort_keys=True, separators=(",", ":"))
    except (ValueError, RecursionError):
        return text


def weights_driver(folder: Path) -> Driver:
    work = folder / "weights"
    work.mkdir(parents=True, exist_ok=True)
    state = (features_path(corpus(folder) / "result.json") / "64.safetensors").read_bytes()
    header = {"format": "hifill-1", "coarse_gate": "elu", "refine_gate": "elu", "provenance": "{}"}
    tensors = safetensors.numpy.save({"a": np.zeros((4, 3), np.float32), "b": np.ones(5, np.float16)}, header)
    declaration = {
        "layout": "NCHW",
        "range": [0, 1],
        "hole": 1,
        "inputs": "pair",
        "size": [64, 64],
        "name": "x",
    }

    def run(rng: random.Random) -> None:
        kind = rng.randrange(3)
        if kind == 0:
            metrics.accumulate(["swd"]).restore(_mutated_tensors(rng, state))
        elif kind == 1:
            (work / "w.safetensors").write_bytes(_mutated_tensors(rng, tensors))
            read_hifill(work / "w.safetensors")
        else:
            (work / "m.json").write_bytes(mutate_json(rng, declaration))
            read_declaration(work / "m.onnx")

    return run


def _mutated_tensors(rng: random.Random, data: bytes) -> bytes:
    """Mutate a safetensors file: its header as JSON, or its bytes."""
    if rng.random() < 0.4:
        return mutate_bytes(rng, data)
    size = int.from_bytes(data[:8], "little")
    header = json.loads(data[8 : 8 + size])
    inner = header.get("__metadata__", {})
    if "df8k" in inner and rng.random() < 0.6:
        inner["df8k"] = mutate_json(rng, json.loads(inner["df8k"])).decode("utf-8", "replace")
        text = json.dumps(header).encode()
    else:
        text = mutate_json(rng, header)
    return len(text).to_bytes(8, "little") + text + data[8 + size :]


def recipes_driver(folder: Path) -> Driver:
    work = folder / "recipes"
    work.mkdir(parents=True, exist_ok=True)
    recipe = b"""name = "r"
version = "1"
summary = "s"
decided = ["a"]
[build]
min_side = 64
[build.curation.blur]
[[sources]]
name = "one"
title = "One"
licence = "CC0"
obtain = "there"
quota = 4
"""
    config = b'min_side = 64\nlimit = 3\nkeep = ["0123456789abcdef"]\n[curation]\n'
    config += b"[splits]\ntrain = 0.5\nvalidation = 0.2\ntest = 0.3\n"
    training = b"[training]\nsteps = 3\ncrop_px = 64\nlevels_px = [64, 128]\n[method]\n"
    words = [
        b"nan",
        b"-inf",
        b"1979-05-27",
        b"[]",
        b"{}",
        b'"x"',
        b"0x1",
        b"-1",
        b"9" * 30,
        b"true",
        b"[" * 5000,
    ]

    def change(rng: random.Random, data: bytes) -> bytes:
        if rng.random() < 0.5:
            return mutate_bytes(rng, data)
        lines = data.split(b"\n")
        at = rng.randrange(len(lines))
        key, equals, _ = lines[at].partition(b"= ")
        lines[at] = key + equals + rng.choice(words) if equals else rng.choice(words)
        return b"\n".join(lines)

    def run(rng: random.Random) -> None:
        from baselines.rethined.training.objective import RECIPE
        from baselines.training.config import read_config as read_training

        path = work / "file.toml"
        kind = rng.randrange(4)
        if kind == 0:
            path.write_bytes(change(rng, recipe))
            read_recipe(str(path))
        elif kind == 1:
            path.write_bytes(change(rng, config))
            read_config(path)
        elif kind == 2:
            path.write_bytes(change(rng, training))
            read_training("rethined", RECIPE, path, {})
        else:
            path.write_bytes(change(rng, b"0123456789abcdef # a\n\n" + b"0" * 64 + b"\n"))
            read_config(None, keep=read_names(path))

    return run


def sources_driver(folder: Path) -> Driver:
    work = folder / "sources"
    work.mkdir(parents=True, exist_ok=True)
    credit = b"file,author,license,source\na.png,Ada,CC0-1.0,https://example.org/1\n"
    urls = b"url,licence,author,width,height\nhttps://example.org/a.png,CC0,Ada,100,200\n"
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a/../../b.png", b"x" * 500)
        archive.writestr("c.jpg", b"y" * 100)
    archive_bytes = buffer.getvalue()
    head = {"df8k": "1", "method": {"name": "x"}}
    row = {
        "id": "0123456789abcdef",
        "size": "64",
        "status": "ok",
        "seconds": [0.1],
        "l1.hole": 1.5,
        "error": None,
    }

    def run(rng: random.Random) -> None:
        kind = rng.randrange(4)
        if kind == 0:
            read_credits(mutate_bytes(rng, credit), "CREDITS.csv")
        elif kind == 1:
            (work / "urls.csv").write_bytes(mutate_bytes(rng, urls))
            list(UrlList(str(work / "urls.csv")))
        elif kind == 2:
            shutil.rmtree(work / "unpacked", ignore_errors=True)
            (work / "archive").write_bytes(mutate_bytes(rng, archive_bytes))
            unpack(work / "archive", work / "unpacked")
            (work / "unpacked/members.json").write_bytes(mutate_json(rng, ["a.png", "b.png"]))
            unpack(work / "archive", work / "unpacked")
        else:
            path = work / "run.partial.jsonl"
            first = json.dumps(head).encode() if rng.random() < 0.9 else mutate_json(rng, head)
            path.write_bytes(first + b"\n" + mutate_json(rng, row).replace(b"\n", b" ") + b"\n")
            with Journal(path, head) as journal:
                checked_rows(journal.rows, path)

    return run


def people_driver(folder: Path) -> Driver:
    """What people send: votes with their key and outcome, sweeps of masks, and pairs of a removal."""
    work = folder / "people"
    work.mkdir(parents=True, exist_ok=True)
    pairs = [
        {"pair": f"p{number:04d}", "image": "0123456789abcdef", "left": left, "right": right, "catch": catch}
        for number, (left, right, catch) in enumerate(
            [("a", "b", None), ("b", "c", None), ("original", "spoilt", "left"), ("a", "c", None)]
        )
    ]
    key = {"study": "0123456789ab", "size": 64, "methods": ["a", "b", "c"], "pairs": pairs}
    votes = [{"pair": pair["pair"], "choice": "left", "ms": 900} for pair in pairs]
    ballot = {"study": "0123456789ab", "voter": "0123456789abcdef", "votes": votes}
    write_removal(example_pairs(1, side=64), work / "removal")
    lines = (work / "removal/metadata.jsonl").read_bytes()
    (mask,) = (work / "removal/masks").iterdir()
    mask_bytes = mask.read_bytes()
    for name, content in (("key", key), ("votes", ballot)):
        (work / f"{name}.json").write_text(json.dumps(content))
    outcome = score_votes(work / "key.json", [work / "votes.json"]).model_dump(mode="json")
    mean = {"mean": 0.5, "low": None, "high": None, "n": 1}
    slip = {
        "size": 64,
        "kind": "dilate",
        "fraction": 0.01,
        "images": 1,
        "failures": 0,
        "metrics": {"l1.hole": mean},
    }
    sweep = {"method": "a", "content_sha256": "0" * 64, "rows": [slip]}

    def run(rng: random.Random) -> None:
        kind = rng.randrange(6)
        if kind > 3:
            content, read = ((outcome, read_votes), (sweep, read_sweep))[kind - 4]
            (work / "beside.json").write_bytes(mutate_json(rng, content))
            read(work / "beside.json")
            return
        if kind < 2:
            for name, content, changed in (("key", key, kind == 0), ("votes", ballot, kind == 1)):
                data = mutate_json(rng, content) if changed else json.dumps(content).encode()
                (work / f"{name}.json").write_bytes(data)
            score_votes(work / "key.json", [work / "votes.json"])
            return
        changed = lines
        if kind == 2:
            row = json.loads(lines)
            changed = mutate_json(rng, row) if rng.random() < 0.7 else mutate_bytes(rng, lines)
        (work / "removal/metadata.jsonl").write_bytes(changed)
        mask.write_bytes(mutate_bytes(rng, mask_bytes) if kind == 3 else mask_bytes)
        list(load_removal(work / "removal"))

    return run


DRIVERS: dict[str, Callable[[Path], Driver]] = {
    "decode": decode_driver,
    "dataset": dataset_driver,
    "results": result_driver,
    "masks": masks_driver,
    "weights": weights_driver,
    "recipes": recipes_driver,
    "sources": sources_driver,
    "people": people_driver,
}


def once(driver: Driver, name: str, seed: int) -> bool:
    """Run one mutation; whether it was refused. Raises what is no word of the public API."""
    rng = random.Random(f"{name}|{seed}")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            driver(rng)
        except WORDS as error:
            str(error).encode()  # a message that no terminal or file can hold is none
            return True
    return False

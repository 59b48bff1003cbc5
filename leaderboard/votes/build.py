"""Make a page for blind votes from saved predictions: random sides, catch pairs, native crops."""

import json
import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from importlib.resources import files
from itertools import combinations
from pathlib import Path
from typing import Final

import cv2
import numpy as np
import numpy.typing as npt
from markupsafe import Markup

from _df8k.files import write_bytes, write_text
from _df8k.gate import joined
from df8k.dataset import Dataset, Sample
from df8k.images import png_buffer
from df8k.leaderboard.errors import LeaderboardError
from df8k.leaderboard.protocol.sizes import Size
from df8k.leaderboard.protocol.task import Task, fits, make_task
from df8k.leaderboard.results.filled_pictures import FilledPictures
from df8k.leaderboard.site.render import digest

from .files import Key, Pair

Image = npt.NDArray[np.uint8]

CROP: Final = 512  # px of a side: two stand side by side on a screen without a browser scaling them
_CATCHES: Final = 10  # one catch pair for so many pairs
_SPOILT: Final = np.array([255, 0, 255], np.uint8)


@dataclass(frozen=True)
class Built:
    """Files of a vote.

    Attributes:
        page: to open, or to send with its folder.
        key: which side was which; voters must not have it.
        pairs: on the page, catch pairs among them.
        catches: of those.
    """

    page: Path
    key: Path
    pairs: int
    catches: int


def build_vote(
    predictions: Mapping[str, Path],
    dataset: Dataset,
    out: Path,
    *,
    size: Size,
    pairs: int | None = None,
    seed: str = "0",
) -> Built:
    """Write a page with its crops, and the key beside its folder.

    Args:
        predictions: method → folder of filled pictures, ``SIZE/ID.png`` or ``ID.png``.
        dataset: whose images and masks they fill; the originals stand in the catch pairs.
        out: folder of the page, new or empty.
        size: which pictures.
        pairs: at most so many comparisons, spread over images and methods; all of them by default.
        seed: order and sides follow from it.

    Raises:
        LeaderboardError: fewer than two methods, a folder that is not empty, or no image that two of them
            filled.
        baselines.MethodFailedError: a picture cannot be read.
    """
    if len(predictions) < 2:
        raise LeaderboardError("a vote compares two methods at least")
    if out.exists() and any(out.iterdir()):
        raise LeaderboardError(f"{out} is not empty: give another folder")
    folders = {name: FilledPictures(root, [size]) for name, root in predictions.items()}
    samples = {sample.id: sample for sample in dataset if fits(sample.metadata, size)}
    chance = random.Random(f"{seed} {sorted(predictions)} {size}")  # noqa: S311 - an order, not a secret
    compared = _comparisons(folders, samples, size, chance)[:pairs]
    if not compared:
        raise LeaderboardError(f"no image at {size} was filled by two methods: look into the folders")
    laid = _with_catches(compared, chance)
    study = sha256(json.dumps([seed, laid, str(size)]).encode()).hexdigest()[:12]
    named = [
        Pair(
            pair=f"p{number:04d}",
            image=image,
            left=left,
            right=right,
            catch=None if "original" not in {left, right} else "left" if left == "original" else "right",
        )
        for number, (image, left, right) in enumerate(laid, 1)
    ]
    pictures = dict(_crops(named, folders, samples, size, study))
    for name, crop in pictures.items():
        write_bytes(joined(out, "crops", f"{name}.png"), png_buffer(crop))
    key = Key(study=study, size=size, methods=sorted(predictions), pairs=named)
    write_text(out / "index.html", _page(key))
    beside = out.with_name(f"{out.name}-key.json")
    write_text(beside, key.model_dump_json(indent=2) + "\n")
    return Built(out / "index.html", beside, len(named), len(named) - len(compared))


def _comparisons(
    folders: Mapping[str, FilledPictures], samples: Mapping[str, Sample], size: Size, chance: random.Random
) -> list[tuple[str, str, str]]:
    """List image, left and right of every comparison; any first part of it is spread evenly."""
    by_methods = []
    for first, second in combinations(sorted(folders), 2):
        images = [
            image
            for image in sorted(samples)
            if folders[first].path(size, image) is not None and folders[second].path(size, image) is not None
        ]
        chance.shuffle(images)
        by_methods.append([(image, first, second) for image in images])
    chance.shuffle(by_methods)
    longest = max(map(len, by_methods), default=0)
    turns = [column[turn] for turn in range(longest) for column in by_methods if turn < len(column)]
    return [
        (image, *((first, second) if chance.random() < 0.5 else (second, first)))
        for image, first, second in turns
    ]


def _with_catches(
    compared: Sequence[tuple[str, str, str]], chance: random.Random
) -> list[tuple[str, str, str]]:
    """Shuffle, and mix in pairs of an original and a spoilt picture."""
    laid = list(compared)
    images = sorted({image for image, *_ in compared})
    for _ in range(max(2, -(-len(compared) // _CATCHES))):
        sides = ("original", "spoilt") if chance.random() < 0.5 else ("spoilt", "original")
        laid.append((chance.choice(images), *sides))
    chance.shuffle(laid)
    return laid


def _crops(
    pairs: Sequence[Pair],
    folders: Mapping[str, FilledPictures],
    samples: Mapping[str, Sample],
    size: Size,
    study: str,
) -> Iterator[tuple[str, Image]]:
    """Cut both sides of every pair, and what was missing, from pictures as they are."""
    for image in sorted({pair.image for pair in pairs}):
        task = make_task(samples[image], size)
        rows, columns = _window(task.mask)
        for pair in (pair for pair in pairs if pair.image == image):
            for side, name in (("left", pair.left), ("right", pair.right)):
                # The same picture in another pair has another name: nothing on the page tells methods apart.
                yield (
                    crop_name(study, pair.pair, side),
                    _picture(name, task, folders, size, image)[rows, columns],
                )
            input_picture = task.method_input()[0]
            input_picture[task.mask] = 128
            yield crop_name(study, pair.pair, "hole"), input_picture[rows, columns]


def crop_name(study: str, pair: str, side: str) -> str:
    """Name the file of a crop, without telling what it shows."""
    return sha256(f"{study} {pair} {side}".encode()).hexdigest()[:20]


def _picture(name: str, task: Task, folders: Mapping[str, FilledPictures], size: Size, image: str) -> Image:
    if name == "original":
        return task.target
    if name == "spoilt":
        spoilt = task.target.copy()
        spoilt[task.mask] = _SPOILT
        return spoilt
    return task.composite(folders[name].decode(size, image))


def _window(mask: npt.NDArray[np.bool_]) -> tuple[slice, slice]:
    """Put the crop over the deepest point of the hole."""
    depth = cv2.distanceTransform(np.pad(mask, 1).view(np.uint8), cv2.DIST_L2, cv2.DIST_MASK_3)[1:-1, 1:-1]
    row, column = np.unravel_index(int(depth.argmax()), depth.shape)
    starts = [
        int(np.clip(centre - CROP // 2, 0, max(0, length - CROP)))
        for centre, length in zip((row, column), mask.shape, strict=True)
    ]
    return slice(starts[0], starts[0] + CROP), slice(starts[1], starts[1] + CROP)


def _page(key: Key) -> str:
    """Render the page; it holds neither methods nor image IDs, and runs no script but its own."""
    style, script = (_text(name) for name in ("vote.css", "vote.js"))
    pairs = [
        {"pair": pair.pair}
        | {side: crop_name(key.study, pair.pair, side) for side in ("left", "right", "hole")}
        for pair in key.pairs
    ]
    data = json.dumps({"study": key.study, "pairs": pairs}).replace("<", "\\u003c")
    return str(
        Markup(_text("vote.html")).format(  # noqa: S704 - a file of this package
            style=Markup(style),  # noqa: S704 - likewise
            style_hash=digest(style),
            script=Markup(script),  # noqa: S704 - likewise
            script_hash=digest(script),
            data=Markup(data),  # noqa: S704 - names that this module made
        )
    )


def _text(name: str) -> str:
    return files("df8k.leaderboard.votes").joinpath("page", name).read_text(encoding="utf-8")

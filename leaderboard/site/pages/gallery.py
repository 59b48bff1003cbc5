"""Collect the images: as a gallery by the kind of their mask, and a fair sample for the first page."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from df8k.leaderboard.site.board import Board, Entry
from df8k.leaderboard.site.columns import Column
from df8k.leaderboard.site.pictures.thumbnails import Pictures
from df8k.leaderboard.site.render import slug
from df8k.leaderboard.site.tables.holes import share_text, shares_by_size
from df8k.leaderboard.statistics.groups import GROUPINGS, groups

_STRIP: Final = 8
# The depth tells strokes from boxes at a glance, so it groups first.
_ORDER: Final = ("depth", *(name for name in GROUPINGS if name != "depth"))
_BEST: Final = 3


@dataclass(frozen=True)
class Tile:
    """Image of the gallery.

    Attributes:
        id: of the image.
        share: missing pixels in percent, as text.
        labels: grouping → the group that it belongs to; empty where nothing is known.
        methods: file-safe names of those that have a thumbnail; ``None`` where the image has none itself.
    """

    id: str
    share: str
    labels: dict[str, str]
    methods: list[str] | None


@dataclass(frozen=True)
class Gallery:
    """Images at the size that the board shows first.

    Attributes:
        tiles: every measured image.
        groupings: name → heading and the groups in their order; those that tell no images apart are left out.
        size: what the tiles show.
    """

    tiles: list[Tile]
    groupings: dict[str, tuple[str, list[str]]]
    size: str


def gallery(board: Board, pictures: Pictures) -> Gallery:
    """Group the images of a board."""
    of_size = board.by_size[board.start_size]
    values = next((entry.values for entry in of_size.entries if entry.values is not None), None)
    members = {} if values is None else {name: groups(values, name) for name in _ORDER}
    shares = shares_by_size(board).get(board.start_size)
    tiles = []
    for index, image_id in enumerate(board.image_ids):
        labels = {
            name: next((label for label, inside in by_label.items() if inside[index]), "")
            for name, by_label in members.items()
        }
        drawn = pictures.thumbnails.get(image_id)
        share = "–" if shares is None else share_text(shares, index)
        tiles.append(Tile(image_id, share, labels, None if drawn is None else sorted(drawn)))
    groupings = {
        name: (GROUPINGS[name].heading, list(by_label))
        for name, by_label in members.items()
        if len(by_label) > 1
    }
    return Gallery(tiles, groupings, str(board.start_size))


def strip(board: Board, pictures: Pictures) -> list[str]:
    """Choose images for the first page, spread evenly over their IDs, which are hashes of their pixels."""
    drawn = [image_id for image_id in board.image_ids if image_id in pictures.thumbnails]
    if not drawn:
        return []
    indices = np.linspace(0, len(drawn) - 1, min(_STRIP, len(drawn))).round().astype(int)
    return [drawn[index] for index in indices]


@dataclass(frozen=True)
class Podium:
    """The best methods on one image.

    Attributes:
        id: of the image.
        fills: entry and its score there, as text; best first.
    """

    id: str
    fills: Sequence[tuple[Entry, str]]


def podium(board: Board, column: Column, pictures: Pictures) -> Podium | None:
    """Show the best methods on the image on which the first of them has its median score.

    So the image is typical, and nobody chose it.

    Args:
        board: of one size.
        column: the metric that ranks.
        pictures: of the site.

    Returns:
        ``None`` where no image has thumbnails of them.
    """
    best = [entry for entry in board.entries if entry.rank is not None and not entry.result.method.control]
    best = best[:_BEST]
    values = [entry.image_values(column.key) for entry in best]
    arrays = [array for array in values if array is not None]
    if not best or len(arrays) < len(best):
        return None
    names = {slug(entry.name) for entry in best}
    drawn = [
        index
        for index, image_id in enumerate(board.image_ids)
        if names <= set(pictures.thumbnails.get(image_id, ()))
        and all(np.isfinite(array[index]) for array in arrays)
    ]
    if not drawn:
        return None
    ordered = sorted(drawn, key=lambda index: (float(arrays[0][index]), index))
    index = ordered[len(ordered) // 2]
    fills = [(entry, column.text(float(array[index]))) for entry, array in zip(best, arrays, strict=True)]
    return Podium(board.image_ids[index], fills)


def short(image_id: str) -> str:
    """Shorten an ID to what a person compares."""
    return image_id if len(image_id) <= 8 else f"{image_id[:8]}…"

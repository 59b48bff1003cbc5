"""Missing fraction of what was scored, image by image, and what the masks' preset declares of it."""

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from df8k import masks
from df8k.leaderboard.protocol.sizes import Size
from df8k.leaderboard.protocol.versions import VERSIONS
from df8k.leaderboard.site.board import Board, Entry

from .grid import Cell, Grid, one_line


def hole_shares(entry: Entry) -> npt.NDArray[np.float64]:
    """Read the missing fraction of each image at the entry's size, ``(images,)``; empty where none is known.

    NaN stands for an image that is smaller than the size.
    """
    shares = None if entry.values is None else entry.values.masks.get("coverage")
    return np.empty(0) if shares is None else shares


def hole_spread(entry: Entry) -> dict[str, float]:
    """Summarise `hole_shares` for CSV and JSON: mean, least and greatest; empty where none is known."""
    shares = hole_shares(entry)
    scored = shares[np.isfinite(shares)]
    if not scored.size:
        return {}
    return {
        "hole_share_mean": float(scored.mean()),
        "hole_share_min": float(scored.min()),
        "hole_share_max": float(scored.max()),
    }


def shares_by_size(board: Board) -> Mapping[Size, npt.NDArray[np.float64]]:
    """Map each size to the missing fractions there; every method of a board gets the same masks."""
    shares = {}
    for size, of_size in board.by_size.items():
        known = (of_entry for entry in of_size.entries if (of_entry := hole_shares(entry)).size)
        if (first := next(known, None)) is not None:
            shares[size] = first
    return shares


def share_text(shares: npt.NDArray[np.float64], index: int) -> str:
    """Format the missing fraction of one image in percent; a dash where it was left out."""
    return f"{100 * shares[index]:.1f}" if np.isfinite(shares[index]) else "–"


def holes_grid(board: Board) -> Grid:
    """Lay out the missing fraction in percent: a row per image, a column per size."""
    shares = shares_by_size(board)
    rows = [
        [Cell(image_id), *(Cell(share_text(of_size, index)) for of_size in shares.values())]
        for index, image_id in enumerate(board.image_ids)
    ]
    headings = ["missing pixels, %, at size", *map(str, shares)]
    return Grid(headings, rows, frozenset({0}), frozenset(), protocol_note(board))


def protocol_note(board: Board) -> str:
    """Say in one line under which protocol a board was measured, what holes should be, and are."""
    used = board.results[0]
    version = used.protocol.version
    declared = ""
    if used.dataset.preset is not None:
        declared = f"; {one_line(used.dataset.preset)} declares {_declared(used.dataset.preset)}"
    scored = [shares[np.isfinite(shares)] for shares in shares_by_size(board).values()]
    every = np.concatenate(scored) if scored else np.empty(0)
    measured = f" Scored: {100 * every.min():.1f} to {100 * every.max():.1f} %." if every.size else ""
    return f"Protocol {version}: {VERSIONS.get(version, 'unknown')}{declared}.{measured}"


def _declared(preset: str) -> str:
    try:
        low, high = masks.find_preset(preset).band
    except masks.MaskError:  # of another version of this package
        return "nothing that this df8k knows"
    return f"{100 * low:g} to {100 * high:g} % missing"

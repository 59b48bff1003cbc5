"""``df8k removal``: pairs of scenes with an object and without it."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from ._console import json_option, print_json, progress_bar
from ._method import SPEC_HELP, MethodChoice, method_options
from ._tables import print_table

if TYPE_CHECKING:
    from df8k.leaderboard.studies.removal import Fill, Image
    from df8k.removal import RemovalPair, RemovalSet


@click.group()
def removal() -> None:
    """Score removals against the scene without the object: sets of image, mask, clean photograph, effects."""


@removal.command(epilog="Example: df8k removal example --out removal")
@click.option("--out", type=click.Path(path_type=Path), required=True, help="Folder to write.")
@click.option("--count", type=click.IntRange(1, 6), default=3, show_default=True, help="Pairs.")
@json_option
def example(out: Path, count: int, as_json: bool) -> None:
    """Write a tiny set of drawn scenes, each with a ball and its shadow."""
    from df8k.removal import write_removal
    from df8k.removal.example import example_pairs

    _tell_written(write_removal(example_pairs(count), out), as_json=as_json)


@removal.command(epilog="Example: df8k removal build SOURCE --out removal")
@click.argument("source", type=click.Path(path_type=Path))
@click.option("--out", type=click.Path(path_type=Path), required=True, help="Folder to write.")
@json_option
def build(source: Path, out: Path, as_json: bool) -> None:
    """Make a set from SOURCE/images, SOURCE/masks, SOURCE/clean and, where known, SOURCE/effects.

    Files belong together by name, whatever their suffix; in masks 255 is the object, in effects its shadow or
    reflection. Every pair is checked.
    """
    from df8k.removal import write_removal
    from df8k.removal.folders import pairs_of

    _tell_written(write_removal(pairs_of(source), out), as_json=as_json)


def _tell_written(pairs: "RemovalSet", *, as_json: bool) -> None:
    if as_json:
        print_json({"folder": str(pairs.root), "pairs": [row.id for row in pairs.rows]})
    else:
        click.echo(f"{pairs.root}: {len(pairs)} pairs")


@removal.command(epilog="Example: df8k removal pack removal --out shards")
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--out", type=click.Path(path_type=Path), required=True, help="Folder of the tar shards.")
@json_option
def pack(folder: Path, out: Path, as_json: bool) -> None:
    """Check every pair of FOLDER and pack them as tar shards."""
    from df8k.removal import load_removal, pack_removal

    shards = pack_removal(load_removal(folder), out)
    if as_json:
        print_json({"shards": [str(path) for path in shards]})
        return
    for path in shards:
        click.echo(path)


@removal.command(epilog="Example: df8k removal score removal --method telea --sheets sheets")
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--method", default="", help=f"{SPEC_HELP}  Or give --predictions.")
@method_options
@click.option(
    "--predictions", type=click.Path(path_type=Path), help="Folder of pictures named ID.png instead."
)
@click.option(
    "--metrics", "names", default="l1,psnr,ssim,haarpsi", show_default=True, help="Metrics of pictures."
)
@click.option(
    "--sheets", type=click.Path(path_type=Path), help="Folder for a picture of each pair and its fill."
)
@json_option
def score(
    folder: Path,
    choice: MethodChoice,
    predictions: Path | None,
    names: str,
    sheets: Path | None,
    as_json: bool,
) -> None:
    """Score removals over the whole picture, the hole and the effects; nothing is put back before.

    Exit code 1 when a picture failed.
    """
    from df8k.leaderboard.studies.removal import score_removal
    from df8k.removal import load_removal

    pairs = load_removal(folder)
    if bool(choice.method) == (predictions is not None):
        raise click.UsageError("give --method or --predictions, one of the two")
    fill = _fill(choice, predictions, folder)
    with progress_bar():
        scores = score_removal(fill if sheets is None else _drawn(fill, sheets), pairs, names.split(","))
    if as_json:
        means = {key: one.model_dump() for key, one in scores.metrics.items()}
        print_json({"metrics": means, "pairs": scores.pairs, "failures": scores.failures})
    else:
        rows = [[key, f"{one.mean:.4g}", str(one.n)] for key, one in scores.metrics.items()]
        print_table(str(folder), ["metric", "mean", "pairs"], rows)
        for name, fault in scores.failures.items():
            click.echo(f"{name}: {fault}")
    raise SystemExit(1 if scores.failures else 0)


def _fill(choice: MethodChoice, predictions: Path | None, folder: Path) -> "Fill":
    from df8k.leaderboard.results.filled_pictures import FilledPictures
    from df8k.leaderboard.studies.removal import method_fill

    if predictions is None:
        return method_fill(choice.open(folder))
    pictures = FilledPictures(predictions, ["native"])
    return lambda name, _: pictures.decode("native", name)


def _drawn(fill: "Fill", sheets: Path) -> "Fill":
    """Write image, image without the object, fill and clean picture of each pair side by side."""
    import numpy as np

    from _df8k.files import write_bytes
    from df8k.images import png_buffer

    def fill_and_draw(name: str, pair: "RemovalPair") -> "Image":
        output = fill(name, pair)
        marked = pair.image.copy()
        marked[pair.mask] = 128
        write_bytes(sheets / f"{name}.png", png_buffer(np.hstack([pair.image, marked, output, pair.clean])))
        return output

    return fill_and_draw

"""``df8k masks``."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import click

from ._console import ParamType, json_option, print_json, progress_bar
from ._tables import print_table

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from df8k.masks import MaskFolder, VectorMask


class Pair(ParamType[tuple[int, int]]):
    """Two positive integers with a sign between, such as ``3840x2160`` or ``3:2``; ``512`` is a square."""

    def __init__(self, sign: str) -> None:
        self.sign = sign
        self.name = f"W{sign}H"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[int, int]:
        """Parse the text."""
        if isinstance(value, tuple):
            return value
        if self.sign == "x" and str(value).isdecimal() and int(value) > 0:
            return int(value), int(value)  # a square, as --sizes of other commands takes it
        parts = str(value).split(self.sign)
        if len(parts) != 2 or not all(number.isdecimal() and int(number) > 0 for number in parts):
            self.fail(f"{value!r} is not two positive integers with {self.sign!r} between them", param, ctx)
        return int(parts[0]), int(parts[1])


preset_option = click.option(
    "--preset", default="df8k", show_default=True, help="A name from `df8k masks presets`."
)


@click.group()
def masks() -> None:
    """Draw free-form masks, list presets, measure their statistics."""


@masks.command(epilog="Example: df8k masks presets --json")
@json_option
def presets(as_json: bool) -> None:
    """List the presets with what they draw and where their law comes from."""
    from df8k.masks import ALIASES, PRESETS

    entries: list[dict[str, Any]] = [
        {
            "name": preset.name,
            "version": preset.version,
            "coverage": list(preset.band),
            "content": preset.content,
            "source": preset.source,
            "aliases": sorted(alias for alias, name in ALIASES.items() if name == preset.name),
        }
        for preset in PRESETS.values()
    ]
    if as_json:
        print_json(entries)
        return
    rows = [
        [" = ".join([entry["name"], *entry["aliases"]]), str(entry["version"]), entry["content"]]
        for entry in entries
    ]
    print_table("presets", ["preset", "version", "what it draws"], rows, (0, 2))


@masks.command(
    epilog="Example: df8k masks sample --preset df8k --size 3840x2160 --count 4 --out masks "
    "--contact-sheet sheet.png"
)
@preset_option
@click.option("--size", type=Pair("x"), default="1024x1024", show_default=True, help="Pixels.")
@click.option("--count", type=click.IntRange(min=1), default=8, show_default=True, help="How many.")
@click.option(
    "--key",
    "keys",
    multiple=True,
    help="What decides a mask, one for each; otherwise sample-0, sample-1 and so on.",
)
@click.option("--out", type=click.Path(path_type=Path, file_okay=False), help="Folder for the masks.")
@click.option(
    "--format",
    "form",
    type=click.Choice(["png", "png1", "json", "coco"]),
    default="png",
    show_default=True,
    help="8-bit PNG, 1-bit PNG, vector JSON or COCO runs.",
)
@click.option("--contact-sheet", "sheet", type=click.Path(path_type=Path), help="A picture of all of them.")
@json_option
def sample(
    preset: str,
    size: tuple[int, int],
    count: int,
    keys: tuple[str, ...],
    out: Path | None,
    form: Literal["png", "png1", "json", "coco"],
    sheet: Path | None,
    as_json: bool,
) -> None:
    """Draw masks of a preset; 255 = missing in PNG. The same key gives the same mask everywhere."""
    from df8k import masks as package

    if out is None and sheet is None and not as_json:
        raise click.UsageError("say where the masks go: --out FOLDER, --contact-sheet FILE or --json")
    keys = keys or tuple(f"sample-{index}" for index in range(count))
    vectors = {key: package.synthesize(aspect=size, preset=preset, key=key) for key in keys}
    if out is not None:
        out.mkdir(parents=True, exist_ok=True)
    rows = []
    with progress_bar() as progress:
        for key, vector in vectors.items():
            rows.append(_written(key, vector, size, out, form))
            progress("masks", len(rows), len(vectors))
    if sheet is not None:
        tiles = [vector.rasterize(*vector.frame.size_at(_tile(size))) for vector in vectors.values()]
        package.write_atomically(sheet, package.contact_sheet(tiles))
    if as_json:
        print_json(rows)
        return
    click.echo(f"{len(rows)} masks of {preset}, {size[0]} x {size[1]}")
    for path in (out, sheet):
        if path is not None:
            click.echo(f"  {path}")


def _tile(size: tuple[int, int]) -> int:
    """Compute the short side on a contact sheet, so that the long one is at most 192 pixels."""
    return max(1, 192 * min(size) // max(size))


def _written(
    key: str, vector: "VectorMask", size: tuple[int, int], out: Path | None, form: str
) -> dict[str, Any]:
    import json

    from df8k import masks as package

    runs = vector.runs(*size)
    row: dict[str, Any] = {
        "key": key,
        "sha256": vector.sha256,
        "coverage": runs.area / (size[0] * size[1]),
        **vector.origin,
    }
    if out is None:
        return row
    if form == "json":
        content = vector.json.encode()
    elif form == "coco":
        content = json.dumps(package.to_coco(runs.raster())).encode()
    else:
        content = package.encode_png(runs.raster(), bits=1 if form == "png1" else 8)
    path = out / f"{_file_stem(key)}.{'png' if form in ('png', 'png1') else 'json'}"
    package.write_atomically(path, content)
    return {**row, "file": str(path)}


def _file_stem(key: str) -> str:
    """Take the key where it is a plain file name, otherwise its hash."""
    from hashlib import sha256

    plain = key and len(key) < 100 and all(letter.isalnum() or letter in "-_" for letter in key)
    return key if plain else sha256(key.encode()).hexdigest()[:16]


@masks.command(epilog="Example: df8k masks stats --preset blobs --count 200 --figure blobs.svg")
@preset_option
@click.option("--folder", type=click.Path(path_type=Path), help="Measure the masks of a folder instead.")
@click.option("--hole", type=click.Choice(["white", "black"]), help="What marks missing pixels in FOLDER.")
@click.option("--count", type=click.IntRange(min=1), default=500, show_default=True, help="How many.")
@click.option(
    "--size", type=click.IntRange(min=8), default=512, show_default=True, help="Short side in pixels."
)
@click.option("--aspect", type=Pair(":"), default="1:1", show_default=True, help="Of the frame.")
@click.option("--figure", type=click.Path(path_type=Path), help="Draw mean mask and coverages: .svg or .png.")
@json_option
def stats(
    preset: str,
    folder: Path | None,
    hole: Literal["white", "black"] | None,
    count: int,
    size: int,
    aspect: tuple[int, int],
    figure: Path | None,
    as_json: bool,
) -> None:
    """Measure masks: coverage, holes, depth, border, patches, refused drawings, mean mask."""
    from df8k import masks as package

    if figure is not None and figure.suffix not in (".svg", ".png"):
        raise click.UsageError(f"--figure {figure}: the name of a figure ends in .svg or .png")
    if folder is not None:
        if hole is None:
            raise click.UsageError("--folder needs --hole white or --hole black: polarity is never guessed")
        masks_of_folder = package.MaskFolder(folder, hole=hole)
        with progress_bar() as progress:
            statistics = package.summarize(_counted(masks_of_folder, progress))
    else:
        with progress_bar():
            statistics = package.preset_statistics(preset, count=count, size=size, aspect=aspect)
    if figure is not None:
        package.statistics_figure(statistics, figure)
    if as_json:
        print_json(statistics)
        return
    _print_statistics(statistics, str(folder or statistics["preset"]))
    if figure is not None:
        click.echo(f"figure: {figure}")


def _counted(
    folder: "MaskFolder", progress: Callable[[str, int, int | None], None]
) -> "Iterator[npt.NDArray[np.bool_]]":
    for done, mask in enumerate(folder.values(), 1):
        yield mask
        progress("masks", done, len(folder))


def _print_statistics(statistics: dict[str, Any], title: str) -> None:
    columns = ("mean", "sd", "min", "p5", "p50", "p95", "max")
    rows = [
        [name, *(f"{values[column]:.4g}" for column in columns)]
        for name, values in statistics["measures"].items()
    ]
    print_table(f"{title}, {statistics['n']} masks", ["measure", *columns], rows)
    for entry in statistics["coverage_bins"]:
        if entry["share"]:
            click.echo(f"{entry['share']:6.1%} cover {entry['from']:.0%} to {entry['to']:.0%}")
    for sides, fraction in enumerate(statistics["sides_touched_shares"]):
        click.echo(f"{fraction:6.1%} touch {sides} sides")
    if "attempts" in statistics:
        drawn = statistics["attempts"]
        refused = ", ".join(f"{rule} {number}" for rule, number in drawn["refused_by"].items()) or "none"
        click.echo(f"{drawn['mean']:.2f} drawings a mask, refused: {refused}")
        kinds = ", ".join(f"{family} {fraction:.0%}" for family, fraction in statistics["families"].items())
        click.echo(f"kinds: {kinds}")
        click.echo(f"root hash: {statistics['root_sha256']}")

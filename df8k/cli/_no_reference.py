"""Part of ``df8k score``: pictures whose originals nobody has."""

import json
from pathlib import Path
from typing import Any, Literal, NoReturn, cast

import click

from ._console import print_json, progress_bar
from ._tables import print_table, print_text
from .fill import mask_of


def without_originals(
    predictions: Path, masks: str, hole: str, out: Path, *, overwrite: bool, as_json: bool
) -> NoReturn:
    """Score a folder of filled pictures by their masks alone, write the JSON file, and end the command.

    Raises:
        click.UsageError: there is nothing to score, or the file exists.
        SystemExit: always; 1 when a picture could not be scored.
    """
    from _df8k.files import write_text
    from df8k import metrics
    from df8k.images import SUFFIXES

    if out.exists() and not overwrite:
        raise click.UsageError(f"{out} exists: --overwrite replaces it")
    if not predictions.is_dir():
        raise click.UsageError(f"{predictions} is no folder")
    files = sorted(path for path in predictions.iterdir() if path.suffix.lower() in SUFFIXES)
    if not files:
        raise click.UsageError(f"{predictions}: no pictures there ({', '.join(sorted(SUFFIXES))})")
    rows: list[dict[str, Any]] = []
    with progress_bar() as progress:
        for done, file in enumerate(files, 1):
            try:
                rows.append({"picture": file.name} | _scores(file, mask_of(file, masks), hole))
            except click.UsageError as error:
                rows.append({"picture": file.name, "failure": error.message})
            except (ValueError, OSError) as error:  # every package's errors for users are
                rows.append({"picture": file.name, "failure": str(error)})
            progress("scoring", done, len(files))
    spec = metrics.get("surroundings")
    scored = [row for row in rows if "failure" not in row]
    means = {key: _mean([row[key] for row in scored]) for key in spec.keys}
    result = {"metric": spec.variant, "scored": len(scored), "means": means, "pictures": rows}
    write_text(out, json.dumps(result, indent=1) + "\n")
    for row in rows:
        if "failure" in row:
            print_text(f"{row['picture']}: {row['failure']}", err=True)
    if as_json:
        print_json(result)
    else:
        lines = [[row["picture"], *(_text(row[key]) for key in spec.keys)] for row in scored]
        print_table(str(out), ["picture", *spec.keys], [*lines, ["mean", *map(_text, means.values())]])
    raise SystemExit(0 if len(scored) == len(rows) else 1)


def _scores(file: Path, mask: str | Path, hole: str) -> dict[str, Any]:
    from df8k import metrics
    from df8k.filling.hole import read_hole
    from df8k.filling.photo import read_photo

    pixels = read_photo(file).pixels
    polarity = cast("Literal['auto', 'white', 'black']", hole)
    missing, remark = read_hole(mask, (pixels.shape[1], pixels.shape[0]), polarity=polarity, key=file.stem)
    scores = metrics.assess(pixels, missing)
    return {"mask": str(mask), "filled": float(missing.mean()), "remark": remark} | scores


def _mean(values: list[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return sum(known) / len(known) if known else None


def _text(value: float | None) -> str:
    return "-" if value is None else f"{value:.3f}"

"""``df8k fill``."""

from glob import has_magic
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ._console import json_option, print_json, progress_bar
from ._method import SPEC_HELP, MethodChoice, method_options

if TYPE_CHECKING:
    from df8k.filling import Filled


@click.command(epilog="Example: df8k fill photo.jpg mask.png --out filled.png")
@click.argument("photo")
@click.argument("mask")
@click.option("--method", default="rethined", show_default=True, help=SPEC_HELP)
@method_options
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    required=True,
    help="Picture to write (.png, .tif, .webp without loss; .jpg with), or a folder for several.",
)
@click.option(
    "--hole",
    type=click.Choice(["auto", "white", "black"]),
    default="auto",
    show_default=True,
    help="Colour of the missing pixels in a mask that is a picture.",
)
@click.option("--sheet", is_flag=True, help="Also write NAME.sheet.png: before and after, side by side.")
@click.option("--overwrite", is_flag=True, help="Replace pictures that exist.")
@json_option
def fill(
    choice: MethodChoice,
    photo: str,
    mask: str,
    out: Path,
    hole: str,
    sheet: bool,
    overwrite: bool,
    as_json: bool,
) -> None:
    """Fill the hole in a photograph of your own, at full size.

    PHOTO is a picture, a folder or a quoted pattern such as 'photos/*.jpg'. MASK is a black and white picture
    of the photograph's size, a vector mask (.json), preset:NAME (`df8k masks presets`), or a folder with a
    mask of the same name for each photograph. The photograph's orientation and colour profile are applied;
    known pixels stay as they are, with 16 bits where PNG or TIFF have them. Pictures of a folder that are
    there already are left out, so that the same command goes on after an interruption. Exit code 1 when a
    picture of several could not be filled.
    """
    import df8k

    jobs = _jobs(photo, mask, out)
    several = len(jobs) > 1 or out.is_dir() or _is_many(photo)
    if not several and out.exists() and not overwrite:
        raise click.UsageError(f"{out} exists: --overwrite replaces it")
    rows: list[dict[str, Any]] = []
    inpaint = choice.open()
    with progress_bar() as progress:
        for done, (source, place, target) in enumerate(jobs, 1):
            if several and target.exists() and not overwrite:
                rows.append({"photo": str(source), "out": str(target), "status": "kept"})
                continue
            try:
                filled = df8k.fill(source, place, inpaint, hole=hole, out=target)  # type: ignore[arg-type]
            except ValueError as error:  # every package's errors for users are
                if not several:
                    raise
                rows.append({"photo": str(source), "out": None, "status": "failed", "reason": str(error)})
            else:
                rows.append(_stored(filled, source, target, sheet))
            progress("filling", done, len(jobs))
    if as_json:
        print_json({"method": inpaint.card.name, "photos": rows})
    else:
        for row in rows:
            click.echo(_line(row), err=row["status"] == "failed")
    raise SystemExit(1 if any(row["status"] == "failed" for row in rows) else 0)


def _stored(filled: "Filled", source: Path, target: Path, sheet: bool) -> dict[str, Any]:
    from _df8k.files import write_bytes

    row: dict[str, Any] = {
        "photo": str(source),
        "out": str(target),
        "status": "filled",
        "width": filled.hole.shape[1],
        "height": filled.hole.shape[0],
        "hole": float(filled.hole.mean()),
        "remark": filled.remark,
    }
    if sheet:
        path = target.with_suffix(".sheet.png")
        write_bytes(path, filled.sheet())
        row["sheet"] = str(path)
    return row


def _line(row: dict[str, Any]) -> str:
    if row["status"] == "failed":
        return f"{row['photo']}: {row['reason']}"
    if row["status"] == "kept":
        return f"{row['out']}: is there already, --overwrite replaces it"
    text = f"{row['out']}: {row['width']} x {row['height']}, {row['hole']:.1%} filled"
    extra = [f"  note: {row['remark']}"] if row["remark"] else []
    return "\n".join([text, *extra, *([f"  before and after: {row['sheet']}"] if "sheet" in row else [])])


def _is_many(photo: str) -> bool:
    return Path(photo).is_dir() or (has_magic(photo) and not Path(photo).exists())


def _jobs(photo: str, mask: str, out: Path) -> list[tuple[Path, str | Path, Path]]:
    """List photograph, mask and target of every picture; refuse before the work what cannot be paired."""
    from df8k.images import SUFFIXES

    if not _is_many(photo):
        source = Path(photo)
        if not source.is_file():
            raise click.UsageError(f"{photo} does not exist, or is no file")
        target = out / f"{source.stem}.png" if out.is_dir() else out
        return [(source, mask_of(source, mask), target)]
    folder = Path(photo)
    base = Path(folder.anchor)
    entries = folder.iterdir() if folder.is_dir() else base.glob(str(folder.relative_to(base)))
    sources = sorted(path for path in entries if path.suffix.lower() in SUFFIXES)
    if not sources:
        raise click.UsageError(f"{photo}: no photographs there ({', '.join(sorted(SUFFIXES))})")
    if out.exists() and not out.is_dir():
        raise click.UsageError(f"{out} is a file: several photographs need a folder")
    by_stem: dict[str, Path] = {}
    for source in sources:
        if source.stem in by_stem:
            raise click.UsageError(f"{by_stem[source.stem]} and {source} would both become {source.stem}.png")
        by_stem[source.stem] = source
    return [(source, mask_of(source, mask), out / f"{source.stem}.png") for source in sources]


def mask_of(source: Path, mask: str) -> str | Path:
    """Find the mask of a photograph: the one that is named, or its namesake in a folder."""
    folder = Path(mask)
    if not folder.is_dir():
        return mask
    candidates = sorted(path for path in folder.iterdir() if path.stem == source.stem)
    if len(candidates) != 1:
        names = ", ".join(path.name for path in candidates) or "none"
        raise click.UsageError(f"{folder} must hold one mask called {source.stem}.*; it holds {names}")
    return candidates[0]

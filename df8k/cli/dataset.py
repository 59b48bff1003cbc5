"""``df8k build``, ``verify`` and ``info``."""

import sys
from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from ._console import (
    ParamType,
    Place,
    chosen_engine,
    engine_options,
    json_option,
    print_json,
    progress_bar,
    shown_warnings,
    workers_option,
)
from ._tables import print_table, print_text

# Two-sided signed ranks of fewer pairs never reach the level 0.05.
_LEAST_COMPARED = 6
_TEXT = click.Path(path_type=Path, exists=True, dir_okay=False)


class _Splits(ParamType[dict[str, float]]):
    """``50/20/30``, in per cent."""

    name = "splits"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> dict[str, float]:
        """Parse three numbers that add up to a hundred."""
        if isinstance(value, dict):
            return value
        parts = value.split("/")
        if len(parts) != 3 or not all(part.isdecimal() for part in parts) or sum(map(int, parts)) != 100:
            self.fail(f"{value!r}: give training/validation/test in per cent, such as 50/20/30", param, ctx)
        return {
            name: int(part) / 100 for name, part in zip(("train", "validation", "test"), parts, strict=True)
        }


@click.command("build", epilog="Example: df8k build --source PHOTOS --out DATASET")
@click.option(
    "--source",
    "sources",
    multiple=True,
    required=True,
    help="Folder or SPEC; with a recipe NAME=FOLDER, or NAME to fetch it; repeatable.",
)
@click.option("--recipe", help="Recipe to build, a name of `df8k sources` or a TOML file.")
@click.option("--accept-license", "accepted", multiple=True, help="Source whose terms you accept.")
@click.option("--out", type=Place(), required=True, help="Folder of the dataset, or s3://BUCKET/NAME.")
@click.option(
    "--config",
    "config_file",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="TOML file that says everything; options win over it.",
)
@click.option("--preset", help="Mask preset of the test split.  [default: df8k]")
@click.option("--min-side", type=int, help="Smallest short side in pixels.  [default: 1024]")
@click.option("--limit", type=int, help="Keep this many images, chosen by content.")
@click.option(
    "--splits",
    type=_Splits(),
    metavar="T/V/T",
    help="Per cent of training, validation and test, such as 50/20/30.  [default: 70/10/20]",
)
@click.option(
    "--curation/--no-curation", default=True, help="Check photographs; a --config file says so itself."
)
@click.option("--keep", "keep_file", type=_TEXT, help="File of IDs or SHA-256 that a person kept.")
@click.option("--drop", "drop_file", type=_TEXT, help="File of IDs or SHA-256 that a person dropped.")
@click.option(
    "--skip-unreachable", is_flag=True, help="Go on without files that cannot be fetched now, and say so."
)
@workers_option
@engine_options
@json_option
def build_command(
    sources: tuple[str, ...],
    recipe: str | None,
    accepted: tuple[str, ...],
    out: Path,
    config_file: Path | None,
    preset: str | None,
    min_side: int | None,
    limit: int | None,
    splits: dict[str, float] | None,
    curation: bool,
    keep_file: Path | None,
    drop_file: Path | None,
    skip_unreachable: bool,
    workers: int,
    engine: str,
    address: str | None,
    as_json: bool,
) -> None:
    """Build a dataset from photographs, or finish an interrupted build.

    The same photographs and options give the same dataset, whatever the order, the number of workers and the
    interruptions. Run the same command again after an interruption.
    """
    from df8k.builder import build
    from df8k.config import CURATED, read_config, read_names
    from df8k.recipe import read_recipe
    from df8k.sources import candidates, refuse_sources_inside

    words = {"keep": read_names(keep_file), "drop": read_names(drop_file)}
    options = {"preset": preset, "min_side": min_side, "limit": limit, "splits": splits, **words}
    refuse_sources_inside(out, sources if recipe is None else _named_folders(sources).values())
    if recipe is None:
        curated = CURATED if curation and config_file is None else {}
        config = read_config(config_file, **options, **curated)
        photographs = candidates(list(sources))
    else:
        if config_file is not None or not curation:
            raise click.UsageError("a recipe says everything; leave out --config and --no-curation")
        loaded = read_recipe(recipe)
        config = loaded.config(**options)
        photographs = loaded.candidates(_named_folders(sources), frozenset(accepted))
    with shown_warnings(), progress_bar() as progress:
        report = build(
            photographs,
            out,
            config,
            workers=workers,
            engine=chosen_engine(engine, address),
            skip_unreachable=skip_unreachable,
            progress=progress,
        )
    if as_json:
        print_json(report.description.model_dump(mode="json"))
        return
    description = report.description
    counts = ", ".join(f"{name} {count}" for name, count in description.counts.items())
    state = "was complete already" if report.existed else "is complete"
    click.echo(f"{out} {state}: {sum(description.counts.values())} images ({counts})")
    if report.resumed:
        click.echo(f"{report.resumed} examined files were taken over from an earlier run")
    for verdict, count in description.decisions.items():
        click.echo(f"  {verdict}: {count}")
    click.echo(f"fingerprint {description.fingerprint}")
    for line in _next_steps(out, description.counts):
        print_text(line)


def _next_steps(out: Path, counts: Mapping[str, int]) -> list[str]:
    """Say what a person should look at, what so few pictures cannot show, and what comes next."""
    import pyarrow as pa

    from df8k.leaderboard.statistics.intervals import LEAST_IMAGES
    from df8k.storage.layout import Layout
    from df8k.storage.manifest import MANIFEST, read_table

    layout = Layout(out)
    rows = read_table(layout.manifest, pa.schema([MANIFEST.field("doubt")]))
    doubts = Counter(str(row["doubt"]).partition(":")[0] for row in rows if row["doubt"])
    lines = []
    if doubts:
        kinds = ", ".join(f"{count} {kind}" for kind, count in doubts.most_common())
        page = layout.review / "uncertain-1.html"
        lines.append(f"look at {page}: {doubts.total()} kept pictures are in doubt ({kinds})")
    tested = counts.get("test", 0)
    if tested < LEAST_IMAGES:
        lines.append(
            f"{tested} test images are few: intervals need {LEAST_IMAGES}, and methods can differ "
            f"significantly from {_LEAST_COMPARED} on; more photographs help, or --splits 50/20/30 with "
            "another --out"
        )
    if tested:
        lines.append(f"next: df8k evaluate --method telea --data {out} --out telea.json")
    return lines


def _named_folders(sources: tuple[str, ...]) -> dict[str, str]:
    parts = (spec.partition("=") for spec in sources)
    return {name: folder for name, _, folder in parts}


@click.command(epilog="Example: df8k sources df8k-faithful")
@click.argument("recipe", required=False)
@json_option
def sources(recipe: str | None, as_json: bool) -> None:
    """Sources of the recipes: licence, terms, size, where the pictures are, how many are used; every SPEC."""  # noqa: D401 - what --help shows
    from df8k.recipe import names, read_recipe
    from df8k.sources import known_sources

    recipes = [read_recipe(name) for name in ([recipe] if recipe else names())]
    if as_json:
        contents = {item.name: item.model_dump(mode="json", exclude={"build"}) for item in recipes}
        print_json({"recipes": contents, "specs": [asdict(kind) for kind in known_sources()]})
        return
    header = ["source", "title", "licence", "terms to accept", "size", "obtained from", "at most"]
    for item in recipes:
        rows = [
            [
                source.name,
                source.title,
                source.licence or "per picture",
                source.terms or "-",
                source.size,
                source.obtain,
                str(source.quota or "all"),
            ]
            for source in item.sources
        ]
        print_table(f"{item.name} {item.version}: {item.summary}", header, rows, range(6))
        if recipe:
            for decision in item.decided:
                print_text(f"- {decision}")
    if not recipe:
        kinds = [[kind.spec, kind.obtained, kind.licence, kind.known] for kind in known_sources()]
        header = ["--source", "what comes", "licence", "known before a picture is fetched"]
        print_table("what --source takes", header, kinds, range(4))


@click.command("verify", epilog="Example: df8k verify DATASET")
@click.argument("dataset", type=Place())
@workers_option
@engine_options
@json_option
def verify_command(dataset: Path, workers: int, engine: str, address: str | None, as_json: bool) -> None:
    """Check hashes, counts, fingerprint, masks, splits and decodability; exit 1 and list what is wrong."""
    from df8k.verification import verify

    with progress_bar() as progress:
        problems = verify(dataset, workers=workers, engine=chosen_engine(engine, address), progress=progress)
    if as_json:
        print_json([{"file": problem.file, "finding": problem.finding} for problem in problems])
    elif problems:
        for problem in problems:
            click.echo(str(problem))
        click.echo(f"{dataset}: {len(problems)} problems", err=True)
    else:
        click.echo(f"{dataset}: everything is as it says")
    sys.exit(1 if problems else 0)


@click.command(epilog="Example: df8k info DATASET --json")
@click.argument("dataset", type=Place())
@json_option
def info(dataset: Path, as_json: bool) -> None:
    """Summary and statistics of a dataset."""
    from df8k.documents.summary import summarise

    summary = summarise(dataset)
    if as_json:
        print_json(summary)
        return
    print_text(f"{summary['name']} {summary['version']}, fingerprint {summary['fingerprint']}")
    rows = [
        [
            split,
            str(numbers["images"]),
            _spread(numbers["megapixels"], ".1f"),
            _spread(numbers["short_side"], ".0f"),
            _spread(numbers["mask_coverage"], ".3f"),
        ]
        for split, numbers in summary["splits"].items()
    ]
    header = ["split", "images", "megapixels", "short side, px", "mask coverage"]
    print_table(f"{dataset} (smallest / median / largest)", header, rows)
    print_table("candidates", ["decision", "files"], [[k, str(v)] for k, v in summary["decisions"].items()])


def _spread(values: dict[str, float] | None, style: str) -> str:
    return "-" if values is None else " / ".join(format(value, style) for value in values.values())


@click.command("pack", epilog="Example: df8k pack DATASET --format parquet --out PACKED")
@click.argument("dataset", type=Place())
@click.option(
    "--format",
    "form",
    type=click.Choice(["parquet", "webdataset"]),
    default="parquet",
    show_default=True,
    help="Parquet for the hub's viewer, tar shards for streaming.",
)
@click.option("--out", type=click.Path(path_type=Path), required=True, help="Folder of the shards.")
@workers_option
@engine_options
def pack_command(dataset: Path, form: str, out: Path, workers: int, engine: str, address: str | None) -> None:
    """Pack a dataset for publishing; Hugging Face `datasets` loads the folder."""
    from df8k.publishing.pack import pack

    with progress_bar() as progress:
        runner = chosen_engine(engine, address)
        shards = pack(dataset, out, form, workers=workers, engine=runner, progress=progress)
    size = sum(path.stat().st_size for path in shards)
    click.echo(f"{out}: {len(shards)} shards, {size / 1e6:.1f} MB")

"""Options of the commands that measure: sizes, metrics, memory."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ._console import Command, ParamType, Place, add_options
from ._tables import print_text

if TYPE_CHECKING:
    from df8k.leaderboard.latency.plan import Plan
    from df8k.leaderboard.results.per_image import ImageRow
    from df8k.leaderboard.results.schema import Result

Size = int | str


class Sizes(ParamType[tuple[Size, ...]]):
    """Sizes separated by commas; see `leaderboard.protocol.sizes.parse_sizes`."""

    name = "sizes"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[Size, ...]:
        """Parse ``512,3840x2160,native``."""
        if isinstance(value, tuple):
            return value
        from df8k.leaderboard.errors import LeaderboardError
        from df8k.leaderboard.protocol.sizes import parse_sizes

        try:
            return parse_sizes(value)
        except LeaderboardError as error:
            self.fail(str(error), param, ctx)


sizes_option = click.option(
    "--sizes",
    type=Sizes(),
    help="Side lengths in pixels, frames such as 3840x2160, native, or ladder for the seven fixed sizes.  "
    "[default: 512,1024,2048, and the headline of the dataset where it names one]",
)


split_option = click.option("--split", default="test", show_default=True, help="Split with masks.")
limit_option = click.option("--limit", type=click.IntRange(min=1), help="Use only the first images, by ID.")


def dataset_options(command: Command) -> Command:
    """Add the options that say which images of which dataset: ``data``, ``split``, ``sizes``, ``limit``."""
    data = click.option(
        "--data", type=Place(), required=True, help="Dataset that df8k build wrote, or its s3:// address."
    )
    return add_options(command, (data, split_option, sizes_option, limit_option))


def metric_options(command: Command) -> Command:
    """Add the options that say which metrics, within which memory, and whether weights may be fetched."""
    options = (
        click.option(
            "--metrics",
            "names",
            default="l1,psnr,ssim,haarpsi",
            show_default=True,
            help="Metrics, comma-separated; an unknown name lists them all.",
        ),
        click.option(
            "--memory",
            type=click.IntRange(min=64),
            default=2048,
            show_default=True,
            help="MiB that metrics may use beyond the pictures.",
        ),
        click.option(
            "--fetch-weights",
            is_flag=True,
            help="Fetch weights that metrics lack; otherwise such metrics are reported as unavailable.",
        ),
    )
    return add_options(command, options)


def latency_options(command: Command) -> Command:
    """Add the options of a ladder, from ``sizes`` and ``tier`` to ``takes``, ``out`` and ``overwrite``."""
    options = (
        click.option(
            "--sizes",
            type=Sizes(),
            default="ladder",
            show_default=True,
            help="Side lengths in pixels, frames such as 3840x2160, or ladder for the seven fixed sizes.",
        ),
        click.option(
            "--images", type=click.IntRange(min=1), default=3, show_default=True, help="Pictures per size."
        ),
        click.option(
            "--tier",
            type=click.Choice(["official", "quick", "rapid"]),
            default="quick",
            show_default=True,
            help="official: 100 runs and 60 s; quick: 50 and 10 s; rapid: 10 and 3 s, for a first look.",
        ),
        click.option(
            "--limit-s",
            type=click.FloatRange(min=0, min_open=True),
            help="Counted seconds after which a session ends early; its size is marked short.",
        ),
        click.option(
            "--takes",
            type=click.IntRange(min=1),
            default=1,
            show_default=True,
            help="Times at most to measure a size that the machine spoilt: unstable, throttled, disturbed.",
        ),
        click.option("--out", type=click.Path(path_type=Path), required=True, help="LATENCY.json to write."),
        click.option("--overwrite", is_flag=True, help="Replace a result that exists."),
    )
    return add_options(command, options)


class _Shard(ParamType[tuple[int, int]]):
    """``i/n``."""

    name = "i/n"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[int, int]:
        """Parse ``2/8``."""
        if isinstance(value, tuple):
            return value
        index, _, count = value.partition("/")
        if not (index.isdecimal() and count.isdecimal() and 1 <= int(index) <= int(count)):
            self.fail(f"{value!r} is no shard: give 1/n to n/n, such as 2/8", param, ctx)
        return int(index), int(count)


shard_option = click.option(
    "--shard", type=_Shard(), help="Measure only the i-th of n shares of the images; see df8k merge."
)


def first_failures(result: "Result", out: Path) -> list[str]:
    """Say of each kind of failure in a result how often it came, and what was wrong the first time."""
    from df8k.leaderboard.results.per_image import per_image_path, read_per_image

    if not any(row.failures for row in result.sizes):
        return []
    failed: dict[str, list[ImageRow]] = {}
    for row in read_per_image(per_image_path(out)):
        if row.error:
            failed.setdefault(row.status, []).append(row)
    return [
        f"{len(rows)} x {status}, first on {rows[0].id} at {rows[0].size}: {rows[0].error} "
        "(`df8k method check` tells more)"
        for status, rows in failed.items()
    ]


def unreached(result: "Result") -> list[str]:
    """Name the sizes that no image of the split reaches."""
    return [
        f"no image is large enough for {row.size}: all {row.left_out} were left out, nothing is enlarged"
        for row in result.sizes
        if row.left_out and not row.n and not row.failures
    ]


def command_line() -> list[str]:
    """Give the command line as it was typed, with the command's name in place of its path."""
    return ["df8k", *sys.argv[1:]]


def tell_spoilers() -> None:
    """Say on standard error what of the machine's state would spoil a timing."""
    from df8k.leaderboard.latency import machine

    for line in machine.spoilers(machine.look()):
        print_text(f"this spoils timings: {line}", err=True)


def plan_of(tier: str, sessions: int | None, limit_s: float | None) -> "Plan":
    """Take a tier's plan with what the options change."""
    from dataclasses import replace

    from df8k.leaderboard.latency.plan import TIERS

    plan = replace(TIERS[tier], limit_s=limit_s)
    return plan if sessions is None else replace(plan, sessions=sessions)

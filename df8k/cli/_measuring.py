"""Options of the commands that measure: sizes, metrics, memory."""

from collections.abc import Callable
from typing import Any, Literal, TypeVar

import click

Size = int | Literal["native"]


class Sizes(click.ParamType[tuple[Size, ...]]):
    """Side lengths in pixels, or ``native``, separated by commas."""

    name = "sizes"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[Size, ...]:
        """Parse ``512,1024,native``."""
        if isinstance(value, tuple):
            return value
        try:
            return tuple("native" if part == "native" else int(part) for part in value.split(","))
        except ValueError:
            self.fail(f"{value!r} is not a list of pixels such as 512,1024,2048 or native", param, ctx)


sizes_option = click.option(
    "--sizes",
    type=Sizes(),
    default="512,1024,2048",
    show_default=True,
    help="Side lengths in pixels, or native.",
)

Command = TypeVar("Command", bound=Callable[..., Any])


def metric_options(command: Command) -> Command:
    """Which metrics, within which memory, and whether their weights may be fetched."""
    options = (
        click.option(
            "--metrics",
            "names",
            default="l1,psnr,ssim",
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
    for option in reversed(options):
        command = option(command)
    return command

"""The ``--sizes`` option."""

from typing import Any, Literal

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

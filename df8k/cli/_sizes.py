"""The ``--sizes`` option."""

from typing import Any

import click


class Sizes(click.ParamType[tuple[int, ...]]):
    """Side lengths in pixels, separated by commas."""

    name = "sizes"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[int, ...]:
        """Parse ``512,1024``."""
        if isinstance(value, tuple):
            return value
        try:
            return tuple(int(part) for part in value.split(","))
        except ValueError:
            self.fail(f"{value!r} is not a list of pixels such as 512,1024,2048", param, ctx)


sizes_option = click.option(
    "--sizes", type=Sizes(), default="512,1024,2048", show_default=True, help="Side lengths in pixels."
)

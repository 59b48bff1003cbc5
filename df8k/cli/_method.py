"""Options of the commands that run a method: which one, where, within which bounds, under which strategy."""

import sys
from collections.abc import Callable
from dataclasses import dataclass, fields, replace
from functools import wraps
from typing import TYPE_CHECKING, Any, Final

import click

from ._console import Command, add_options

if TYPE_CHECKING:
    from pathlib import Path

    from df8k.baselines import Inpainter, Limits

SPEC_HELP = (
    "Registered name (an unknown one lists them all), with options NAME,OPTION=VALUE,...; "
    "FILE.py:factory or package.module:factory; FILE.onnx; FILE.pt; known:NAME (see df8k method known); "
    "'cmd:COMMAND {image} {mask} {output}'."
)


@dataclass(frozen=True)
class MethodChoice:
    """Method and bounds that a user chose; the names are those of the options.

    Attributes:
        method: SPEC.
        python: interpreter of a Python method.
        timeout: seconds per call of a foreign method.
        memory_limit: GiB that a foreign method may take; ``None`` for nine tenths of what is free.
        device: torch device.
        strategy: text of a `baselines.Strategy`; ``None`` for native, or what a public method is best run
            with.
        sandbox: whether a foreign method runs in bubblewrap.
        accept_license: fetch a public method's file without asking.
    """

    method: str
    python: str | None
    timeout: float
    memory_limit: float | None
    device: str
    strategy: str | None
    sandbox: bool
    accept_license: bool

    @property
    def limits(self) -> "Limits":
        """Bounds of a foreign method."""
        import psutil

        from df8k.baselines import Limits

        # Without a bound, a method that eats the memory would take the evaluation down with it.
        free = 0.9 * psutil.virtual_memory().available
        allowed = free if self.memory_limit is None else self.memory_limit * 2**30
        return Limits(
            seconds=self.timeout,
            start_seconds=max(self.timeout, 60.0),
            memory_bytes=round(allowed),
            sandbox=self.sandbox,
        )

    @property
    def effective_strategy(self) -> str:
        """Strategy that the method runs under."""
        from df8k.baselines.adapters.factory import recommended_strategy

        return self.strategy or recommended_strategy(self.method)

    def obtain(self) -> None:
        """Fetch the file of a public method that is absent, after consent; see `ensure_known`."""
        if self.method.startswith("known:"):
            from ._known import ensure_known

            ensure_known(self.method, accepted=self.accept_license)

    def open(self, *hidden: "Path") -> "Inpainter":
        """Open the method.

        Args:
            hidden: folders that it must not see in a sandbox, such as the dataset.

        Raises:
            baselines.MethodError: it cannot be opened.
        """
        from df8k.baselines import open_method

        self.obtain()
        return open_method(
            self.method,
            device=self.device,
            python=self.python or sys.executable,
            limits=replace(self.limits, hidden=hidden),
            strategy=self.strategy,
        )


_FOREIGN: Final = (
    click.option("--python", help="Interpreter of a Python method, such as that of its own environment."),
    click.option(
        "--timeout",
        type=click.FloatRange(min=0, min_open=True),
        default=600.0,
        show_default=True,
        help="Seconds per call of a foreign method.",
    ),
    click.option(
        "--memory-limit",
        type=click.FloatRange(min=0, min_open=True),
        show_default="90 % of what is free",
        help="GiB that a foreign method may take.",
    ),
    click.option(
        "--sandbox",
        is_flag=True,
        help="Run a foreign method in bubblewrap: it sees itself alone, and no network.",
    ),
)
_RUN: Final = (
    *_FOREIGN,
    click.option("--device", default="cpu", show_default=True, help="Where the method runs, such as cuda."),
    click.option(
        "--strategy",
        show_default="native, or what df8k method known recommends",
        help="How it looks at pictures: native, pad:MULTIPLE, resize:SIDE, crop:SIDE or tile:SIDE:OVERLAP.",
    ),
    click.option(
        "--accept-license",
        is_flag=True,
        help="Fetch the file of a known: method without asking: you accept its licence.",
    ),
)


def foreign_options(command: Command) -> Command:
    """Add the options that bound a foreign method: its interpreter, time and memory."""
    return add_options(command, _FOREIGN)


def method_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options but ``--method``; the command gets one `MethodChoice` as ``choice``.

    ``--method`` itself is an option of some commands and an argument of others, and is left to them.
    """
    names = [field.name for field in fields(MethodChoice)]

    @wraps(command)
    def run(**options: Any) -> Any:
        choice = MethodChoice(**{name: options.pop(name) for name in names})
        return command(choice=choice, **options)

    return add_options(run, _RUN)

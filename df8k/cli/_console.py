"""Progress, tables and options that several commands share."""

import json
import os
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO, TypeVar

import click
from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    Task,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)
from rich.text import Text

from df8k.pool import ENGINES

from ._plain_progress import PlainProgress
from ._tables import print_grid, print_table, print_text

if TYPE_CHECKING:
    from df8k.leaderboard.latency.results import LatencyResult
    from df8k.leaderboard.site.board import Board
    from df8k.pool import Engine

Command = TypeVar("Command", bound=Callable[..., Any])
Option = Callable[[Any], Any]

if TYPE_CHECKING:
    ParamType = click.ParamType
else:

    class ParamType(click.ParamType):
        """Kind of value that an option takes; click's own names its Python type only since 8.4."""

        def __class_getitem__(cls, _value: type) -> type:
            return cls


def add_options(command: Command, options: Sequence[Option]) -> Command:
    """Decorate a command with options; ``--help`` lists them in their order."""
    for option in reversed(options):
        command = option(command)
    return command


class Place(ParamType[Path]):
    """Folder or file of this machine, or an address in a store such as ``s3://bucket/dataset``."""

    name = "path"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Path:  # noqa: ARG002
        """Take an address apart from a path, which would lose one of its slashes."""
        from _df8k.store import locate

        return locate(value)


json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON instead of a table.")
workers_option = click.option(
    "--workers",
    type=click.IntRange(min=1),
    default=lambda: min(8, os.cpu_count() or 1),
    show_default="CPU cores, at most 8",
    help="Processes; the result does not depend on it.",
)


def engine_options(command: Command) -> Command:
    """Add the options that say who runs the tasks: ``engine`` and ``address``."""
    options = (
        click.option(
            "--engine",
            type=click.Choice(ENGINES),
            default="local",
            show_default=True,
            help="Processes of this machine, or a Ray cluster (df8k[ray]); the result does not depend on it.",
        ),
        click.option(
            "--address", help="Running Ray cluster, auto or HOST:PORT.  [default: one of --workers here]"
        ),
    )
    return add_options(command, options)


def chosen_engine(engine: str, address: str | None) -> "Engine":
    """Name the engine of the options.

    Raises:
        click.UsageError: an address of a cluster for processes of this machine.
    """
    from df8k.pool import Engine

    if address is not None and engine == "local":
        raise click.UsageError("--address is a cluster's: add --engine ray")
    return Engine(name=engine, address=address)


@contextmanager
def shown_warnings() -> Iterator[None]:
    """Show warnings about sources as a line each, without the place in the code that gave them."""
    from df8k.errors import SourceWarning

    with warnings.catch_warnings():
        warnings.simplefilter("always", SourceWarning)
        plain = warnings.showwarning

        def show(
            message: Warning | str,
            category: type[Warning],
            filename: str,
            lineno: int,
            file: TextIO | None = None,
            line: str | None = None,
        ) -> None:
            if issubclass(category, SourceWarning):
                print_text(f"Warning: {message}", err=True)
            else:
                plain(message, category, filename, lineno, file, line)

        warnings.showwarning = show
        yield


@contextmanager
def bars(*details: ProgressColumn, shown: bool = True) -> Iterator[Progress]:
    """Draw bars on standard error, each with ``details`` behind its count; none when that is no terminal."""
    console = Console(stderr=True)
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        *details,
        TimeElapsedColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=console, disable=not (shown and console.is_terminal)) as drawn:
        yield drawn


@contextmanager
def progress_bar() -> Iterator[Callable[[str, int, int | None], None]]:
    """Give a callback ``(stage, done, total)`` that draws a bar for each stage, with images per minute.

    Where standard error is no terminal, a line every half minute says the same; see `PlainProgress`.
    """
    with bars(_PerMinute()) as drawn:
        if drawn.disable:
            plain = PlainProgress(partial(click.echo, err=True))
            with plain.reminding():
                yield plain.report
            return
        tasks: dict[str, Any] = {}

        def report(stage: str, done: int, total: int | None) -> None:
            if stage not in tasks:
                # What an earlier session did says nothing of this one's speed.
                tasks[stage] = drawn.add_task(stage, total=total, completed=done if done > 1 else 0)
            drawn.update(tasks[stage], completed=done, total=total)

        yield report


class _PerMinute(ProgressColumn):
    """Steps per minute."""

    def render(self, task: Task) -> Text:
        """Draw the speed of a task; nothing while it is unknown."""
        speed = task.finished_speed or task.speed
        return Text("" if speed is None else f"{60 * speed:.3g}/min", style="progress.data.speed")


def print_json(data: Any) -> None:
    """Print data as JSON on standard output."""
    click.echo(json.dumps(data, indent=2, ensure_ascii=False, allow_nan=False))


def print_board(title: str, board: "Board") -> None:
    """Print rows of a leaderboard, the ranked metric first, and what readers must know of them."""
    from df8k.leaderboard.site.tables.quality import TEXTS, cells, header, quality_remarks

    columns = sorted(board.columns, key=lambda column: column.key != board.ranked_by)
    rows = [cells(entry, columns) for entry in board.entries]
    failed = any(entry.size_result.failures for entry in board.entries)
    optional = ["timed by", "memory, MB", "p90, ms", *([] if failed else ["failed"]), "what it is", "texture"]
    optional += [column.heading for column in reversed(columns[1:])]
    print_table(title, header(columns), rows, TEXTS, optional)
    for line in quality_remarks(board.entries):
        print_text(line)


def print_latency(title: str, results: "Sequence[LatencyResult]") -> None:
    """Print latency results: the sizes, how latency grows, and what readers must know."""
    from df8k.leaderboard.site.tables import latency as tables

    optional = ("GPU, MB", "model p50, ms", "call, MB", "cold, s", "sessions differ, %", "runs", "peak, MB")
    print_grid(title, tables.ladder_grid(results), optional)
    print_grid("scaling", tables.scaling_grid(results), ("at size", "R²"))
    for line in (*tables.latency_remarks(results), tables.latency_note(results)):
        print_text(line)

"""The ``df8k`` command: one module per command group, imported when the command is called."""

import os
from difflib import get_close_matches
from importlib import import_module
from typing import Any

import click

# Command → where it lives and what it does. The text stands here so that --help imports no command.
_COMMANDS = {
    "demo": ("demo:demo", "The whole way on bundled material, from pictures to a leaderboard."),
    "fill": ("fill:fill", "Fill the hole in a photograph of your own, at full size."),
    "build": ("dataset:build_command", "Build a dataset from photographs, or finish an interrupted build."),
    "sources": ("dataset:sources", "Where the pictures come from: licence, terms, number."),
    "verify": ("dataset:verify_command", "Check a dataset against its hashes, counts and masks."),
    "pack": ("dataset:pack_command", "Pack a dataset for publishing, as parquet or tar shards."),
    "publish": ("publish:publish_command", "Publish a dataset on the Hugging Face hub."),
    "info": ("dataset:info", "Summary and statistics of a dataset."),
    "masks": ("masks:masks", "Draw free-form masks, list presets, measure their statistics."),
    "evaluate": ("evaluate:evaluate", "Run a method on a dataset; measure quality, latency and memory."),
    "strategies": (
        "strategies:strategies",
        "What resizing, cropping and tiling cost a method, and which pays.",
    ),
    "inputs": ("inputs:inputs", "Write what methods are given, for one that runs elsewhere."),
    "latency": ("latency:latency", "Measure a method's latency and memory against resolution."),
    "score": ("score:score", "Score pictures that were filled elsewhere."),
    "train": ("train:train", "Train a learned method on your photographs, or go on after an interruption."),
    "method": (
        "method:method",
        "Bring a method: templates, public methods by name, checks, parity of exports.",
    ),
    "merge": ("merge:merge", "Put the shards of a divided evaluation together."),
    "reproduce": ("reproduce:reproduce", "Run a result again and say whether it agrees."),
    "export": ("export:export", "Write a method's network in the format of another runtime."),
    "weights": ("weights:weights", "List, fetch, find and convert learned weights."),
    "compare": ("compare:compare", "Which methods differ significantly: paired tests between results."),
    "removal": ("removal:removal", "Score removals against the scene without the object."),
    "vote": ("vote:vote", "Let people judge filled pictures blind, and fit strengths from their votes."),
    "leaderboard": ("leaderboard:leaderboard", "Turn result files into tables, plots and a web page."),
    "edge": ("edge:edge", "Fill pictures in a browser, on a phone too; nothing is uploaded."),
    "doctor": ("doctor:doctor", "What works on this machine, what is missing, how to get it."),
}
_OURS = frozenset({"df8k", "masks", "metrics", "baselines", "leaderboard"})


class UserError(click.ClickException):
    """Error whose message is written for the user; exit code 2."""

    exit_code = 2


class LazyGroup(click.Group):
    """Group whose commands are imported when they are called, and whose errors are short."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        """List the names in the order of the work."""
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        """Import a command; ``None`` when there is none of that name."""
        if cmd_name not in _COMMANDS:
            return None
        module, _, attribute = _COMMANDS[cmd_name][0].partition(":")
        command: click.Command = getattr(import_module(f".{module}", __name__), attribute)
        return command

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Take ``--debug`` behind a command too."""
        behind = [word for word in args if word != "--debug"]
        return super().parse_args(ctx, args if behind == args else ["--debug", *behind])

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find a command; a misspelt one is answered with its neighbours."""
        if args[0] not in _COMMANDS and not args[0].startswith("-") and not ctx.resilient_parsing:
            near = get_close_matches(args[0], _COMMANDS, n=3)
            hint = f" Did you mean {' or '.join(near)}?" if near else ""
            ctx.fail(f"No such command {args[0]!r}.{hint}")
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        """List the commands without importing them."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, text) for name, (_, text) in _COMMANDS.items()])

    def invoke(self, ctx: click.Context) -> Any:
        """Run a command; what the user can mend becomes one line and exit code 2."""
        try:
            return super().invoke(ctx)
        except ModuleNotFoundError as error:
            from _df8k.extras import remedy

            message = remedy(error)
            if ctx.params["debug"] or message is None:
                raise
            raise UserError(message) from error
        except Exception as error:
            if ctx.params["debug"] or not _for_the_user(error):
                raise
            raise UserError(_message(error)) from error


def _for_the_user(error: Exception) -> bool:
    """Tell whether the message is for the user, as our packages' exceptions and the file system's are."""
    if isinstance(error, BrokenPipeError):
        return False  # the reader of a pipe has gone, as `| head` does: click ends in silence
    return type(error).__module__.partition(".")[0] in _OURS or isinstance(error, OSError)


def _message(error: Exception) -> str:
    if isinstance(error, OSError) and error.strerror:
        return f"{error.filename}: {error.strerror}" if error.filename else error.strerror
    return str(error)


def _version(ctx: click.Context, _parameter: click.Parameter, show: bool) -> None:
    if show:
        from importlib.metadata import version

        click.echo(f"df8k {version('df8k')}")
        ctx.exit()


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--debug", is_flag=True, envvar="DF8K_DEBUG", help="Show tracebacks.")
@click.option(
    "--version", is_flag=True, is_eager=True, expose_value=False, callback=_version, help="Show the version."
)
def cli(debug: bool) -> None:
    """Build DF8K-Inpainting, run inpainting methods on it, measure and rank them.

    Start with `df8k demo`. Exit codes: 0 success, 1 the work found a fault, 2 bad usage or input.
    """


def main() -> None:
    """Run the ``df8k`` command."""
    # OpenCV prints every damaged file that it meets; our own messages name it.
    os.environ.setdefault("OPENCV_LOG_LEVEL", "ERROR")
    cli(prog_name="df8k")

"""``df8k vote``: blind judgement of filled pictures by people."""

from pathlib import Path

import click

from ._console import json_option, print_json, progress_bar
from ._measuring import Size, Sizes, split_option
from ._tables import print_table, print_text


@click.group()
def vote() -> None:
    """Let people judge: a blind page of pairs, strengths from votes, agreement of metrics with them."""


@vote.command(
    epilog="Example: df8k vote build telea=filled/telea ns=filled/ns --data DATASET --size 1024 --out vote"
)
@click.argument("predictions", nargs=-1, required=True, metavar="NAME=FOLDER...")
@click.option(
    "--data", type=click.Path(path_type=Path), required=True, help="Dataset whose images they fill."
)
@click.option(
    "--out", type=click.Path(path_type=Path), required=True, help="Folder of the page, new or empty."
)
@split_option
@click.option("--size", "sizes", type=Sizes(), required=True, help="Size of the pictures, or native.")
@click.option("--pairs", type=click.IntRange(min=1), help="At most so many comparisons.  [default: all]")
@click.option("--seed", default="0", show_default=True, help="Order and sides follow from it.")
@json_option
def build(
    predictions: tuple[str, ...],
    data: Path,
    out: Path,
    split: str,
    sizes: tuple[Size, ...],
    pairs: int | None,
    seed: str,
    as_json: bool,
) -> None:
    """Write a page that shows saved predictions in blind pairs, and the key beside its folder.

    Sides are random; crops have the pictures' own resolution; one pair in ten shows the original beside a
    spoilt picture, to find voters who do not look. The page needs no server and sends nothing: voters save a
    file of votes and send it back. Keep the key to yourself.
    """
    import df8k
    from df8k.leaderboard.votes.build import build_vote

    if len(sizes) != 1:
        raise click.BadParameter("a vote shows one size", param_hint="--size")
    folders = dict(_named(text) for text in predictions)
    if len(folders) != len(predictions):
        raise click.BadParameter("two folders have one name", param_hint="NAME=FOLDER")
    with progress_bar():
        built = build_vote(folders, df8k.load(data, split=split), out, size=sizes[0], pairs=pairs, seed=seed)
    if as_json:
        print_json(
            {name: str(value) if isinstance(value, Path) else value for name, value in built.__dict__.items()}
        )
        return
    print_text(f"{built.page}: {built.pairs} pairs, {built.catches} of them catch pairs")
    print_text(f"{built.key}: which side was which; voters must not have it")


def _named(text: str) -> tuple[str, Path]:
    name, equals, folder = text.partition("=")
    if not equals or not name or name in {"original", "spoilt"}:
        raise click.BadParameter(f"{text!r} is no NAME=FOLDER", param_hint="NAME=FOLDER")
    return name, Path(folder)


@vote.command(
    epilog="Example: df8k vote score vote-key.json votes-*.json --results telea.json --results ns.json"
)
@click.argument("key", type=click.Path(path_type=Path))
@click.argument("ballots", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option(
    "--results",
    multiple=True,
    type=click.Path(path_type=Path),
    help="RESULT.json of a method, to compare metrics with.",
)
@click.option("--out", type=click.Path(path_type=Path), help="JSON file to write.")
@json_option
def score(
    key: Path, ballots: tuple[Path, ...], results: tuple[Path, ...], out: Path | None, as_json: bool
) -> None:
    """Fit strengths from exported BALLOTS, and say how well each metric agrees with the votes.

    Strengths are those of Bradley and Terry with Davidson's ties; a difference of 1 is odds of 2.7 to 1.
    Voters who decide less than four fifths of the catch pairs as anyone who looks are left out, and named.
    """
    from _df8k.files import write_text
    from df8k.leaderboard.votes.score import score_votes

    outcome = score_votes(key, ballots, results)
    if out is not None:
        write_text(out, outcome.model_dump_json(indent=2) + "\n")
    if as_json:
        print_json(outcome.model_dump(mode="json"))
        return
    rows = [
        [
            one.method,
            f"{one.value:+.2f}",
            f"{one.low:+.2f}",
            f"{one.high:+.2f}",
            f"{100 * one.share:.0f} %",
            str(one.votes),
        ]
        for one in outcome.fit.strengths
    ]
    print_table(f"vote {outcome.study}", ["method", "log strength", "low", "high", "won", "votes"], rows)
    if outcome.agreements:
        told = [
            [
                one.key,
                f"{100 * one.share:.0f} %",
                f"{100 * one.low:.0f}",
                f"{100 * one.high:.0f}",
                str(one.votes),
            ]
            for one in outcome.agreements
        ]
        print_table(
            "metrics that prefer what people prefer", ["metric", "agrees", "low", "high", "votes"], told
        )
    if outcome.ceiling is not None:
        print_text(f"people agree with the majority of their pair in {_percent(outcome.ceiling)} of votes")
    counted = [voter for voter in outcome.voters if voter.counted]
    print_text(f"{outcome.votes} votes of {len(counted)} voters, {outcome.ties} of them ties")
    for voter in outcome.voters:
        if not voter.counted:
            print_text(
                f"voter {voter.name} is left out: {voter.caught} of {voter.catches} catch pairs failed"
            )


def _percent(share: float) -> str:
    return f"{100 * share:.0f} %"

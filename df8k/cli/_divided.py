"""Divide an evaluation into shards that an engine's workers measure, and merge them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from _df8k.gate import joined

from ._method import MethodChoice

if TYPE_CHECKING:
    from df8k.leaderboard import Evaluation, Result
    from df8k.pool import Engine


@dataclass(frozen=True, kw_only=True)
class Share:
    """Shard of an evaluation, and where its result goes.

    Attributes:
        choice: the method; every worker opens its own.
        data: dataset.
        split: of it.
        plan: what to measure; names the shard.
        out: RESULT.json of the shard.
        predictions: folder for the filled pictures.
        name: what tables call the method.
    """

    choice: MethodChoice
    data: Path
    split: str
    plan: "Evaluation"
    out: Path
    predictions: Path | None
    name: str | None


def evaluate_share(shard: Share) -> None:
    """Measure a shard, unless an earlier run did; goes on where a killed one stopped."""
    from _df8k.threads import set_threads

    set_threads(1)  # a worker is one core's work
    import df8k
    from df8k import leaderboard
    from df8k.leaderboard.results.journal import journal_path

    if shard.out.exists() and not journal_path(shard.out).exists():
        return
    leaderboard.evaluate(
        shard.choice.open(shard.data),
        df8k.load(shard.data, split=shard.split),
        evaluation=shard.plan,
        out=shard.out,
        predictions=shard.predictions,
        name=shard.name,
    )


def evaluate_divided(
    whole: Share,
    workers: int,
    engine: "Engine",
    *,
    overwrite: bool,
    progress: Callable[[str, int, int | None], None],
    command: Sequence[str],
) -> "Result":
    """Measure an evaluation on several workers, a shard to each, and merge: its rows are those of one.

    Args:
        whole: the evaluation, without a shard; shards lie in ``OUT.shards`` until they are merged.
        workers: of an engine that is started here; a running cluster gives as many as it has.
        engine: who runs them.
        overwrite: replace a result that ``out`` holds already.
        progress: called after each shard.
        command: the command line as it was typed.

    Raises:
        LeaderboardError: ``out`` is taken, or shards do not fit each other.
    """
    import df8k
    from _df8k.files import remove_folder
    from df8k.leaderboard.audit.merge import merge
    from df8k.leaderboard.errors import refuse_existing
    from df8k.leaderboard.results.staging import brought, staged
    from df8k.pool import open_workers

    refuse_existing(whole.out, overwrite=overwrite)
    folder = whole.out.with_suffix(".shards")
    with open_workers(workers, engine) as opened:
        dataset = df8k.load(whole.data, split=whole.split)
        count = min(opened.slots, len(whole.plan.choose(dataset)[1]))
        # Shards of another evaluation, or of another number of workers, would not fit: they lie apart.
        head = (whole.choice, replace(whole.plan, command=None), dataset.description.fingerprint, count)
        key = sha256(repr(head).encode()).hexdigest()[:16]
        shares = [
            replace(
                whole,
                plan=replace(whole.plan, shard=(index, count)),
                out=joined(folder, key, f"{index}-of-{count}.json"),
            )
            for index in range(1, count + 1)
        ]
        for done, _ in enumerate(opened.map(evaluate_share, shares), 1):
            progress("evaluating shards", done, count)
    with TemporaryDirectory() as copies, staged(whole.out, overwrite=overwrite) as out:
        shards = [brought(shard.out, Path(copies)) for shard in shares]
        result = merge(shards, out or whole.out, overwrite=overwrite, command=command)
    remove_folder(folder)
    return result

"""Divide an evaluation or a scoring into shards that an engine's workers measure, and merge them."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path
from platform import node
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, TypeVar

from _df8k.gate import joined

from ._method import MethodChoice

if TYPE_CHECKING:
    from df8k.leaderboard import Evaluation, Result
    from df8k.pool import Engine


@dataclass(frozen=True, kw_only=True)
class Share:
    """Shard of a work on a dataset, and where its result goes.

    Attributes:
        data: dataset.
        split: of it.
        plan: what to measure; names the shard.
        out: RESULT.json of the shard.
        predictions: folder of the filled pictures: written by an evaluation, read by a scoring.
        name: what tables call the method.
    """

    data: Path
    split: str
    plan: "Evaluation"
    out: Path
    predictions: Path | None
    name: str | None

    @property
    def done(self) -> bool:
        """``True`` where an earlier run finished it."""
        from df8k.leaderboard.results.journal import journal_path

        return self.out.exists() and not journal_path(self.out).exists()


@dataclass(frozen=True, kw_only=True)
class Evaluated(Share):
    """Shard of an evaluation.

    Attributes:
        choice: the method; every worker opens its own.
        threads: of every library of the worker.
    """

    choice: MethodChoice
    threads: int = 1


_Share = TypeVar("_Share", bound=Share)


def evaluate_share(shard: Evaluated) -> str:
    """Measure a shard, unless an earlier run did; goes on where a killed one stopped.

    Returns:
        the machine's name; empty where an earlier run measured it, who knows where.
    """
    from _df8k.threads import set_threads

    set_threads(shard.threads)
    import df8k
    from df8k import leaderboard

    if shard.done:
        return ""
    leaderboard.evaluate(
        shard.choice.open(shard.data),
        df8k.load(shard.data, split=shard.split),
        evaluation=shard.plan,
        out=shard.out,
        predictions=shard.predictions,
        name=shard.name,
    )
    return node()


def score_share(shard: Share) -> str:
    """Score a shard, unless an earlier run did; gives its warnings, a line each."""
    import df8k
    from df8k import leaderboard

    if shard.done or shard.predictions is None:
        return ""
    scored = leaderboard.score(
        shard.predictions,
        df8k.load(shard.data, split=shard.split),
        name=shard.name or shard.predictions.name,
        evaluation=shard.plan,
        out=shard.out,
    )
    return "\n".join(scored.warnings)


def divide(
    work: Callable[[_Share], str],
    whole: _Share,
    workers: int,
    engine: "Engine",
    *,
    overwrite: bool,
    progress: Callable[[str, int, int | None], None],
    command: Sequence[str],
) -> tuple["Result", list[str]]:
    """Measure on several workers, a shard to each, and merge: its rows are those of one.

    Args:
        work: measures a shard.
        whole: all of it, without a shard; shards lie in ``OUT.shards`` until they are merged.
        workers: of an engine that is started here; a running cluster gives as many as it has.
        engine: who runs them.
        overwrite: replace a result that ``out`` holds already.
        progress: called after each shard.
        command: the command line as it was typed.

    Returns:
        the merged result, and what ``work`` returned of each shard.

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
        same = replace(whole, plan=replace(whole.plan, command=None))
        key = sha256(repr((same, dataset.description.fingerprint, count)).encode()).hexdigest()[:16]
        shares = [
            replace(
                whole,
                plan=replace(whole.plan, shard=(index, count)),
                out=joined(folder, key, f"{index}-of-{count}.json"),
            )
            for index in range(1, count + 1)
        ]
        returned = []
        for done, value in enumerate(opened.map(work, shares), 1):
            returned.append(value)
            progress("shards", done, count)
    # Who shares a machine disturbs each other's clock; a shard of an earlier run may have.
    machines = Counter(returned)
    shared = [count > 1 and (not machine or machines[machine] > 1) for machine in returned]
    with TemporaryDirectory() as copies, staged(whole.out, overwrite=overwrite) as out:
        shards = [brought(shard.out, Path(copies)) for shard in shares]
        result = merge(shards, out or whole.out, overwrite=overwrite, command=command, shared=shared)
    remove_folder(folder)
    return result, returned

"""Times on the board come from the latency protocol, or say that they do not."""

from dataclasses import replace

import leaderboard
from leaderboard.latency.results import read_latency
from leaderboard.results.schema import read_result
from leaderboard.site import board
from leaderboard.site.tables import quality as tables
from leaderboard.site.timing import timing_of


def timed(measured, **changes):
    """The latency of mean as if it had been taken at size 64."""
    result = read_latency(measured)
    size = result.sizes[0].model_copy(update={"size": 64} | changes)
    return result.model_copy(update={"sizes": [size]})


def test_the_protocol_s_figures_come_first_with_their_flags(results, measured):
    mean = read_result(results[0])
    latency = timed(measured, flags=["disturbed", "short"])
    timing = timing_of(mean.method, mean.sizes[0], [latency])
    assert (timing.source, timing.flags) == ("df8k latency", ("disturbed", "short"))
    assert timing.median_s == latency.sizes[0].e2e.p50_s
    assert timing.memory_bytes == max(session.call_bytes for session in latency.sizes[0].sessions)
    entries = board.rank([mean], None, [latency]).entries
    row = dict(zip(tables.header([]), tables.cells(entries[0], []), strict=True))
    assert row["timed by"] == "df8k latency, disturbed, short"
    assert row["memory, MB"] != "–"
    assert tables.cells(entries[1], [])[-3] == "evaluate"  # the other size was not timed


def test_another_artefact_lends_no_time(results, measured):
    mean = read_result(results[0])
    other = mean.method.model_copy(update={"weights_sha256": "a" * 64})
    assert timing_of(other, mean.sizes[0], [timed(measured)]).source == "evaluate"


def test_an_evaluation_has_no_memory_and_says_when_its_runs_are_few(results):
    part = read_result(results[0]).sizes[0]
    method = read_result(results[0]).method
    for runs, flags in ((5 * part.n, ()), (5 * part.n - 1, ("few runs",))):
        latency = part.latency.model_copy(update={"runs": runs})
        timing = timing_of(method, part.model_copy(update={"latency": latency}), [])
        assert (timing.flags, timing.memory_bytes) == (flags, None)
    assert part.peak_memory_bytes is None
    assert timing_of(method, part.model_copy(update={"latency": None}), []) is None


def test_a_published_row_has_its_least_runs_however_slow(dataset, fake, tmp_path):
    budget = leaderboard.calls.timing.Budget(warmup_runs=0, seconds=0.0, least_runs=5)
    plan = leaderboard.Evaluation(sizes=[64], metrics=["l1"], limit=2, budget=budget)
    result = leaderboard.evaluate(fake(lambda i, _m: i), dataset, evaluation=plan)
    assert result.sizes[0].latency.runs == 10
    assert result.protocol.least_runs == 5
    once = replace(plan, budget=replace(budget, least_runs=1))
    assert leaderboard.evaluate(fake(lambda i, _m: i), dataset, evaluation=once).sizes[0].latency.runs == 2

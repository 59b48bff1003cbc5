"""One session on a fake clock: what is counted, what is kept apart, and what is not believed."""

import numpy as np
import pytest

from baselines import MethodFailedError
from leaderboard.latency.plan import TIERS, Plan
from leaderboard.latency.results import SessionRecord
from leaderboard.latency.session import Input, run_session
from leaderboard.latency.summary import session_record, size_latency, spread
from leaderboard.protocol.compositing import Compositor

PLAN = Plan(runs=60, seconds=0.1)


def samples(session, number=0):
    return [
        {"series": "ladder", "session": number, "hole_pixels": run.input, **vars(run)} for run in session.runs
    ]


def record(session):
    row = {"process_s": 0.0, **vars(session), **vars(session.footprint)}
    return session_record(row, samples(session))


def test_a_known_time_with_jitter_is_measured_within_two_percent(clock, fake_method, inputs):
    jitter = 0.1 * np.random.default_rng(0).standard_normal(10_000)
    method = fake_method(clock, lambda n: 5.0 if n == 0 else 0.02 * (1 + jitter[n]))
    session = run_session(lambda: method, inputs, TIERS["quick"], clock)
    found = spread([run.e2e_s for run in session.runs])
    assert found.n >= 490  # ten seconds
    assert found.p50_s == pytest.approx(0.02, rel=0.02)
    assert found.p90_s == pytest.approx(0.02 * 1.128, rel=0.02)
    assert session.first_call_s == 5.0


def test_loading_first_call_and_warm_up_are_kept_apart(clock, fake_method, inputs):
    method = fake_method(clock, lambda n: {0: 3.0, 1: 1.0, 2: 0.5}.get(n, 0.1))

    def load():
        clock.work(7.0)
        return method

    session = run_session(load, inputs, PLAN, clock)
    assert (session.load_s, session.first_call_s) == (7.0, 3.0)
    assert session.warmup_s == pytest.approx([1.6, 0.3, 0.3])
    assert session.steady
    assert {round(run.e2e_s, 9) for run in session.runs} == {0.1}


def test_warm_up_is_bounded_and_says_so(clock, fake_method, inputs):
    wild = fake_method(clock, lambda n: 0.1 * (1 + n // 3 % 2))
    session = run_session(lambda: wild, inputs, PLAN, clock)
    assert (len(session.warmup_s), session.steady) == (PLAN.warmup_rounds, False)
    slow = fake_method(clock, lambda _n: 40.0)
    session = run_session(lambda: slow, inputs, PLAN, clock)
    assert (len(session.warmup_s), session.steady) == (1, None)


def test_a_plan_asks_for_runs_and_for_seconds(clock, fake_method, inputs):
    quick = run_session(lambda: fake_method(clock, lambda _n: 1e-3), inputs, PLAN, clock)
    assert 100 <= len(quick.runs) <= 102  # 0.1 s
    usual = run_session(lambda: fake_method(clock, lambda _n: 0.5), inputs, PLAN, clock)
    assert len(usual.runs) == 60
    # Every picture counts as often as every other.
    assert {sum(run.input == number for run in usual.runs) for number in range(3)} == {20}


def test_slow_runs_and_a_limit_end_early_but_not_below_the_floor(clock, fake_method, inputs):
    slow = run_session(lambda: fake_method(clock, lambda _n: 31.0), inputs, PLAN, clock)
    assert (slow.end, len(slow.runs)) == ("slow", 6)
    plan = Plan(runs=60, seconds=0.1, limit_s=2.0)
    short = run_session(lambda: fake_method(clock, lambda _n: 0.5), inputs, plan, clock)
    assert (short.end, len(short.runs)) == ("limit", 6)
    assert size_latency(ABOUT, [record(short)], samples(short)).flags == ["unrepeated", "short"]


class Asynchronous:
    """Returns at once; the work, and the picture, are finished elsewhere."""

    def __init__(self, clock, fake, seconds=0.009):
        self.card, self.clock, self.seconds, self.left = fake.card, clock, seconds, 0.0

    def __call__(self, image, mask):
        self.clock.work(0.001)
        self.left += self.seconds
        self.output = image
        return image


class WithHook(Asynchronous):
    def synchronise(self):
        if self.left:
            self.clock.work(self.left)
            self.left = 0.0
            self.output[0, 0] = 255


def test_an_asynchronous_method_with_a_hook_is_not_measured_short(clock, fake_method, inputs):
    method = WithHook(clock, fake_method)
    session = run_session(lambda: method, inputs, PLAN, clock)
    assert spread([run.e2e_s for run in session.runs]).p50_s == pytest.approx(0.010, rel=1e-6)
    assert "asynchronous" not in size_latency(ABOUT, [record(session)], samples(session)).flags


def test_an_asynchronous_method_without_one_is_found_by_its_work_and_by_its_picture(
    clock, fake_method, inputs
):
    busy = Asynchronous(clock, fake_method, seconds=1.0)
    # It goes on computing while nobody waits for it.
    clock.asleep = [lambda seconds: setattr(clock, "used", clock.used + seconds)]
    session = run_session(lambda: busy, inputs, PLAN, clock)
    assert session.busy_cores == pytest.approx(1.0)
    assert size_latency(ABOUT, [record(session)], samples(session)).flags[0] == "asynchronous"
    late = Asynchronous(clock, fake_method)
    clock.asleep = [lambda _seconds: late.output.__setitem__((0, 0), 200)]
    session = run_session(lambda: late, inputs, PLAN, clock)
    assert session.output_moved
    assert size_latency(ABOUT, [record(session)], samples(session)).flags[0] == "asynchronous"


def test_the_model_s_own_clock_is_taken_where_it_can_be_true(clock, fake_method, inputs):
    method = fake_method(clock, lambda _n: 0.1)
    method.model_seconds = 0.04
    assert {run.model_s for run in run_session(lambda: method, inputs, PLAN, clock).runs} == {0.04}
    for impossible in (5.0, -1.0, "x", None):
        method.model_seconds = impossible
        assert {run.model_s for run in run_session(lambda: method, inputs, PLAN, clock).runs} == {None}


def test_inputs_are_fresh_for_every_call(clock, fake_method, inputs):
    class Vandal(fake_method):
        def __call__(self, image, mask):
            assert mask.any()
            assert not (image == 9).any()
            super().__call__(image, mask)
            image[:], mask[:] = 9, False
            return image

    run_session(lambda: Vandal(clock, lambda _n: 0.1), inputs, PLAN, clock)


def test_known_pixels_are_put_back_also_into_arrays_that_cannot_be_written(inputs):
    given: Input = inputs[0]
    output = np.full_like(given.image, 77)
    for answer in (output.copy(), np.asfortranarray(output), np.broadcast_to(np.uint8(77), output.shape)):
        found = Compositor(given.image, given.mask, in_place=True)(answer)
        assert (found[given.mask] == 77).all()
        assert (found[~given.mask] == given.image[~given.mask]).all()


@pytest.mark.parametrize("wrong", [np.zeros((2, 2, 3), np.uint8), np.zeros((16, 16, 3), np.float32)])
def test_what_is_no_picture_of_the_size_ends_the_session(clock, fake_method, inputs, wrong):
    method = fake_method(clock, lambda _n: 0.1)
    method.__class__ = type("Wrong", (fake_method,), {"__call__": lambda *_: wrong})
    with pytest.raises(MethodFailedError, match=r"expected uint8 \(16, 16, 3\)"):
        run_session(lambda: method, inputs, PLAN, clock)


def test_a_watcher_hears_from_long_measurements_only(clock, fake_method, inputs):
    told = []
    run_session(
        lambda: fake_method(clock, lambda _n: 0.2), inputs, PLAN, clock, tell=lambda: told.append(clock.time)
    )
    assert 5 <= len(told) <= 9  # about 70 calls of 0.2 s
    assert min(np.diff(told)) > 2.0


ABOUT = {
    "size": 16,
    "width": 16,
    "height": 16,
    "status": "ok",
    "message": "",
    "attempts": 1,
    "inputs": ["a", "b", "c"],
    "hole_pixels": [16, 64, 144],
    "encode_s": None,
    "decode_s": None,
}


def test_sessions_that_disagree_and_runs_that_slow_down_are_flagged(clock, fake_method, inputs):
    def measured(cost):
        return run_session(lambda: fake_method(clock, cost), inputs, PLAN, clock)

    def flags(*sessions):
        runs = [sample for number, found in enumerate(sessions) for sample in samples(found, number)]
        return size_latency(ABOUT, [record(found) for found in sessions], runs).flags

    steady = [measured(lambda _n, cost=cost: cost) for cost in (0.100, 0.104, 0.106)]
    assert flags(*steady[:2]) == []
    assert flags(*steady) == ["unstable"]
    warm = measured(lambda n: 0.1 + 0.0004 * n)  # a quarter slower at the end
    assert flags(warm, warm) == ["throttled"]
    found: SessionRecord = record(warm)
    assert 1.15 < found.drift < 1.30
    assert flags(steady[0]) == ["unrepeated"]


def test_runs_are_judged_relative_to_their_picture(clock, fake_method, inputs):
    """The cost of the three holes differs tenfold; nothing drifts."""
    session = run_session(lambda: fake_method(clock, lambda n: 0.01 * 10 ** (n % 3)), inputs, PLAN, clock)
    assert record(session).drift == pytest.approx(1.0)


def test_the_99th_percentile_needs_a_hundred_runs():
    assert spread([]) is None
    assert spread([1.0] * 99).p99_s is None
    assert spread([1.0] * 100).p99_s == 1.0


class Remembering:
    """Works for a picture once, and then knows its answer."""

    def __init__(self, clock, fake_method):
        self.clock, self.answers = clock, {}
        self.card = fake_method(clock, lambda _n: 0.0).card

    def __call__(self, image, mask):
        key = (image.tobytes(), mask.tobytes())
        if key not in self.answers:
            self.clock.work(0.3)
            self.answers[key] = image.copy()
        self.clock.work(0.0007)
        return self.answers[key].copy()


def test_a_method_that_remembers_its_answers_is_timed_at_work_and_flagged(clock, fake_method, inputs):
    session = run_session(lambda: Remembering(clock, fake_method), inputs, PLAN, clock)
    assert spread([run.e2e_s for run in session.runs]).p50_s == pytest.approx(0.3007, rel=1e-3)
    assert session.repeated_s == pytest.approx(0.0007, rel=1e-3)
    assert "remembers" in size_latency(ABOUT, [record(session)], samples(session)).flags
    honest = fake_method(clock, lambda _n: 0.3)
    session = run_session(lambda: honest, inputs, PLAN, clock)
    assert "remembers" not in size_latency(ABOUT, [record(session)], samples(session)).flags

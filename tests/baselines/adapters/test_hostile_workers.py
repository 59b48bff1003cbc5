"""Hostile methods: each ends as documented, and forges no number."""

import os
import textwrap
import time
from pathlib import Path

import numpy as np
import pytest

from baselines import Limits, MethodFailedError, open_method
from baselines.adapters.isolation.replies import LINE_BYTES, cleaned
from leaderboard.calls.timing import timed_call
from leaderboard.protocol.compositing import Compositor

LIMITS = Limits(seconds=20, start_seconds=60)

# What a method that looks for the channel to its harness finds.
FINDS = """
    import gc, json, os, signal, subprocess, sys, threading, time
    import numpy as np

    def channel():
        return next(item for item in gc.get_objects() if type(item).__name__ == "Channel")

    def request():
        frame = sys._getframe()
        while frame is not None:
            if "request" in frame.f_locals and "nonce" in frame.f_locals["request"]:
                return frame.f_locals["request"]
            frame = frame.f_back

    def say(**message):
        os.write(channel()._descriptor, json.dumps(message).encode() + b"\\n")

    def load():
        def fill(image, mask):
"""


def method(folder, body, limits=LIMITS):
    path = folder / "method.py"
    path.write_text(
        textwrap.dedent(FINDS) + textwrap.indent(textwrap.dedent(body), " " * 8) + "\n    return fill\n"
    )
    return open_method(f"{path}:load", limits=limits)


@pytest.fixture
def picture():
    image = np.full((24, 32, 3), 90, np.uint8)
    mask = np.zeros((24, 32), bool)
    mask[8:16, 8:20] = True
    image[mask] = 0
    return image, mask


def call(inpaint, picture):
    return timed_call(inpaint, *picture, Compositor(*picture))


FORGED = {
    "a forged answer": ("say(seconds=0, model_seconds=0)\nreturn image", "nonce"),
    "an early answer with the right nonce": (
        "say(nonce=request()['nonce'], model_seconds=0)\ntime.sleep(0.3)\nimage[mask] = 7\nreturn image",
        "another request|said more",
    ),
    "a second answer": (
        "n = request()['nonce']\nthreading.Timer(0.05, lambda: say(nonce=n)).start()\nreturn image",
        "another request|said more",
    ),
    "left-out for a hard image": ("say(nonce=request()['nonce'], kind='left-out')\nreturn image", "kind"),
    "a word of its own": ("say(nonce=request()['nonce'], kind='ok')\nreturn image", "kind"),
    "no JSON": ("os.write(channel()._descriptor, b'{{{\\n')\nreturn image", "damaged"),
    "deep JSON": ("os.write(channel()._descriptor, b'[' * 30000 + b'\\n')\nreturn image", "nested|damaged"),
    "times that are none": ("say(nonce=request()['nonce'], model_seconds=-1)\nreturn image", "model_seconds"),
    "memory that is none": ("say(nonce=request()['nonce'], gpu_peak=[2**62, 0])\nreturn image", "gpu_peak"),
    "half a surrogate pair": ("raise ValueError('\\ud800')", "ValueError"),
    "a huge error": ("raise ValueError('x' * 50_000_000)", "ValueError"),
    "control characters": ("raise ValueError('\\x1b[2J\\nforged line\\r')", "ValueError"),
}


@pytest.mark.parametrize("name", FORGED)
def test_what_a_method_says_beside_its_answer_is_a_failure(tmp_path, picture, name):
    body, finding = FORGED[name]
    inpaint = method(tmp_path, body)

    def twice():  # a second answer may come while nobody listens
        for _ in range(2):
            call(inpaint, picture)
            time.sleep(0.2)

    with pytest.raises(MethodFailedError, match=finding) as failure:
        twice()
    text = str(failure.value)
    assert failure.value.kind == "error"
    assert len(text) < 2500
    assert text.isprintable()
    text.encode()
    inpaint.close()


def test_a_flood_without_a_line_end_is_bounded(tmp_path, picture):
    inpaint = method(tmp_path, "while True: os.write(channel()._descriptor, b'x' * 65536)")
    start = time.monotonic()
    with pytest.raises(MethodFailedError, match=f"longer than {LINE_BYTES}"):
        call(inpaint, picture)
    assert time.monotonic() - start < LIMITS.seconds


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        ("sys.exit(0)", "crash"),
        ("os._exit(0)", "crash"),
        ("os.kill(os.getpid(), signal.SIGSEGV)", "crash"),
        ("os.kill(os.getpid(), signal.SIGSTOP)", "timeout"),
        (
            "for n in {*range(1, 32)} - {9, 17, 19}: signal.signal(n, signal.SIG_IGN)\ntime.sleep(99)",
            "timeout",
        ),
        ("kept = [np.ones(2**22) for _ in range(10**6)]", "out-of-memory"),
    ],
)
def test_methods_that_die_hang_or_eat_are_counted(tmp_path, picture, body, kind):
    seconds = 5 if kind == "timeout" else 60
    inpaint = method(tmp_path, body, Limits(seconds=seconds, start_seconds=60, memory_bytes=2**30))
    with pytest.raises(MethodFailedError) as failure:
        call(inpaint, picture)
    assert failure.value.kind == kind


ESCAPE = """
    path = {path!r}
    if os.fork() == 0:
        {leave}
        if os.fork() == 0:
            with open(path, "w") as file:
                file.write(str(os.getpid()))
            kept = np.ones({doubles})
            time.sleep(600)
        os._exit(0)
    time.sleep(1)
    {then}
    return image
"""


@pytest.mark.parametrize("leave", ["pass", "os.setsid()"])
@pytest.mark.parametrize("then", ["pass", "os._exit(1)"])
def test_no_child_outlives_its_method(tmp_path, picture, leave, then):
    path = tmp_path / "pid"
    inpaint = method(tmp_path, ESCAPE.format(path=str(path), leave=leave, doubles=1, then=then))
    if then == "pass":
        call(inpaint, picture)
    else:
        with pytest.raises(MethodFailedError):
            call(inpaint, picture)
    inpaint.close()
    pid = int(path.read_text())
    deadline = time.monotonic() + 60
    while Path(f"/proc/{pid}").exists() and _alive(pid) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not _alive(pid)


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return "State:\tZ" not in Path(f"/proc/{pid}/status").read_text()


def test_memory_of_children_that_left_counts(tmp_path, picture):
    body = ESCAPE.format(
        path=str(tmp_path / "pid"), leave="os.setsid()", doubles=2**28, then="time.sleep(60)"
    )
    inpaint = method(tmp_path, body, Limits(seconds=60, start_seconds=60, memory_bytes=2**30))
    with pytest.raises(MethodFailedError, match="GiB allowed"):
        call(inpaint, picture)


def carded(folder, card):
    path = folder / "method.py"
    path.write_text(f"def fill(image, mask): return image\nfill.card = {card}\ndef load(): return fill\n")
    return open_method(f"{path}:load", limits=LIMITS)


@pytest.mark.parametrize("card", ["{'parameters': 'many'}", "{'parameters': -1}"])
def test_a_card_of_another_kind_is_refused(tmp_path, card):
    with pytest.raises(MethodFailedError, match="card: parameters"):
        carded(tmp_path, card)


@pytest.mark.parametrize("card", ["{'name': 'x' * 10**6}", "{'name': 'a\\ud800\\x1b'}", "{1: object()}"])
def test_a_hostile_card_is_cleaned(tmp_path, card):
    inpaint = carded(tmp_path, card)
    assert inpaint.card.name.isprintable()
    assert len(inpaint.card.name) <= 2001
    inpaint.close()


def test_texts_are_one_printable_line():
    assert cleaned("a\x1b[31m\n\ud800b\u202e") == "a [31m b"
    assert len(cleaned("x" * 10**7)) == 2001


def test_a_picture_that_is_filled_after_the_clock_stopped_is_not_scored(tmp_path, picture):
    from leaderboard.calls.timing import Budget
    from leaderboard.harness.producers import Caller
    from leaderboard.protocol.task import Task

    body = """
    key = (request()["output"], image.size)
    mapped = lambda: next(item for item in gc.get_objects() if type(item) is dict and key in item)
    def later():
        mapped()[key][...] = 200
    threading.Timer(0.2, later).start()
    return image
    """
    inpaint = method(tmp_path, body)
    caller = Caller(inpaint, Budget(warmup_runs=1, runs=1))
    filled = caller.produce(Task(picture[0], picture[1]), "0" * 16, 24)
    time.sleep(0.5)
    assert (filled.output[picture[1]] == 0).all()
    inpaint.close()

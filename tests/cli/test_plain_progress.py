"""Progress where there is no terminal."""

from itertools import count
from threading import Event
from threading import enumerate as enumerate_threads

from df8k.cli._plain_progress import PlainProgress, duration
from df8k.cli.train import _steps_bar


def test_speed_and_time_left_count_from_the_first_report():
    lines, clock = [], [0.0]
    progress = PlainProgress(lines.append, lambda: clock[0])
    progress.report("telea", 100, 400)  # an earlier session's
    clock[0] = 20.0
    progress.report("telea", 110, 400)
    assert lines == []
    clock[0] = 40.0
    progress.report("telea", 120, 400)
    assert lines == ["telea: 120 of 400, 30 per minute, 9 min left"]
    clock[0] = 60.0
    progress.report("telea", 399, 400)
    clock[0] = 71.0
    progress.report("sources", 5, None)
    assert lines[1:] == ["sources: 5"]


def test_durations_are_as_exact_as_a_guess_may_be():
    assert [duration(seconds) for seconds in (4.4, 89, 600, 11_100)] == [
        "4 s",
        "89 s",
        "10 min",
        "3 h 05 min",
    ]


def test_a_long_step_is_told_of_while_it_lasts():
    lines, clock = [], [0.0]
    progress = PlainProgress(lines.append, lambda: clock[0])
    clock[0] = 31.0
    progress.remind()
    clock[0] = 40.0
    progress.report("512", 1, 3)
    clock[0] = 60.0
    progress.remind()
    clock[0] = 62.0
    progress.remind()
    clock[0] = 70.0
    progress.report("512", 3, 3)
    clock[0] = 100.0
    progress.remind()
    assert lines == [
        "at work: 31 s so far",
        "512: 1 of 3; this step: 22 s so far",
        "after 512: 30 s so far",
    ]


def test_reminders_come_by_themselves_and_end_with_the_work():
    lines, told, clock = [], Event(), count(0, 60)

    def write(line):
        lines.append(line)
        told.set()

    with PlainProgress(write, lambda: float(next(clock))).reminding():
        assert told.wait(60)
    assert lines[0].startswith("at work: ")
    assert [thread for thread in enumerate_threads() if thread.name == "progress"] == []


def test_training_tells_of_its_steps_in_pipes(monkeypatch, capsys):
    monkeypatch.setattr("df8k.cli._plain_progress._EVERY_S", 0.0)
    with _steps_bar(shown=True, batch=2) as report:
        report(3, 9, {"l1_loss": 0.5})
    assert "training: 3 of 9" in capsys.readouterr().err
    with _steps_bar(shown=False, batch=2) as report:
        report(3, 9, {"l1_loss": 0.5})
    assert capsys.readouterr().err == ""

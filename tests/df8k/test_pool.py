"""Workers: started once, one thread each, and nothing left under way."""

import time

import cv2

from df8k.pool import one_thread, open_workers, ordered_map


def test_the_same_processes_serve_every_stage_with_one_thread_each(tmp_path):
    with open_workers(2) as workers:
        first = set(workers.map(eval, ["__import__('os').getpid()"] * 8))
        second = set(workers.map(eval, ["__import__('os').getpid()"] * 8))
        threads = set(workers.map(eval, ["__import__('cv2').getNumThreads()"] * 4))
        assert len(first | second) <= 2
        assert first & second
        assert threads == {1}
        # What was begun has ended when the results are no longer wanted: nobody writes files after that.
        slow = f"__import__('time').sleep(0.3) or open({str(tmp_path)!r} + '/' + str({{}}), 'w').close()"
        results = workers.map(eval, (slow.format(index) for index in range(100)))
        next(results)
        results.close()
        written = sorted(path.name for path in tmp_path.iterdir())
        time.sleep(0.5)
        assert sorted(path.name for path in tmp_path.iterdir()) == written
        assert len(written) < 10


def test_one_worker_works_here_in_order_and_gives_the_threads_back():
    before = cv2.getNumThreads()
    seen = []
    for result in ordered_map(lambda task: (task, cv2.getNumThreads()), range(3), workers=1):
        seen.append(result)
        assert cv2.getNumThreads() == before
    assert seen == [(0, 1), (1, 1), (2, 1)]
    with one_thread():
        assert cv2.getNumThreads() == 1
    assert cv2.getNumThreads() == before

"""Loops whose items are dealt to the threads one by one."""

from hypothesis import given, settings
from hypothesis import strategies as st

from _df8k.kernels import dealt


@settings(deadline=None)  # the first call compiles
@given(st.integers(1, 200), st.integers(1, 12))
def test_every_item_has_one_turn_and_neighbours_go_to_different_threads(count, threads):
    items = [dealt(turn, count, threads) for turn in range(count)]
    assert sorted(items) == list(range(count))
    # A thread's stretch of turns holds every so-many-th item.
    sizes = [count // threads + (thread < count % threads) for thread in range(threads)]
    begin = 0
    for thread, size in enumerate(sizes):
        assert items[begin : begin + size] == list(range(thread, count, threads))
        begin += size

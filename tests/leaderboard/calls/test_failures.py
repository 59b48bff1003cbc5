"""What an exception of a method is called."""

import numpy as np
import pytest

from baselines import MethodError, MethodFailedError
from leaderboard.calls.failures import kind_and_message


class OutOfMemoryError(RuntimeError):
    """As torch's."""


def too_large():
    with pytest.raises(MemoryError) as caught:
        np.empty(2**60, np.uint8)
    return caught.value


@pytest.mark.parametrize(
    ("error", "kind", "message"),
    [
        (MethodFailedError("crash", "gone"), "crash", "gone"),
        (too_large(), "out-of-memory", "MemoryError: Unable to allocate"),
        (OutOfMemoryError("CUDA"), "out-of-memory", "OutOfMemoryError: CUDA"),
        (MethodError("too small"), "error", "MethodError: too small"),
        (SystemExit(3), "error", "SystemExit: 3"),
    ],
)
def test_kind_and_message(error, kind, message):
    found = kind_and_message(error)
    assert found[0] == kind
    assert found[1].startswith(message)


def test_a_strangers_kind_is_not_believed():
    error = ValueError("strange")
    error.kind = "ok"
    assert kind_and_message(error) == ("error", "ValueError: strange")

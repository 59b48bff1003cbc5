"""What an exception of a method is called."""

import numpy as np
import pytest

from baselines import MethodError, MethodFailedError
from baselines.adapters.function import as_inpainter
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


def broken(image, mask):
    return np.concatenate([image, mask[..., None].repeat(4, axis=2)])


def test_the_users_own_line_is_named_not_that_of_a_library():
    method = as_inpainter(broken)
    with pytest.raises(ValueError, match="array dimensions") as caught:
        method(np.zeros((8, 8, 3), np.uint8), np.eye(8, dtype=bool))
    kind, message = kind_and_message(caught.value)
    line = broken.__code__.co_firstlineno + 1
    assert kind == "error"
    assert message.endswith(f" (test_failures.py, line {line})")


def test_a_fault_of_the_package_names_no_line():
    with pytest.raises(MethodError) as caught:
        as_inpainter(3)
    # The frame of this test is left out: what is left is the package's.
    error = caught.value.with_traceback(caught.value.__traceback__.tb_next)
    assert kind_and_message(error)[1] == f"MethodError: {error}"


def test_a_strangers_kind_is_not_believed():
    error = ValueError("strange")
    error.kind = "ok"
    assert kind_and_message(error) == ("error", "ValueError: strange")

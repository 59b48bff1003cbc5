"""Wait until a method's work is done: many return while the device still computes."""

import sys
from typing import Any


def synchronise(method: Any = None) -> None:
    """Wait for the devices of torch, if it has been brought in, and for the method's own hook.

    Args:
        method: a method with work of its own in flight offers ``synchronise()``, which returns when the
            picture of the last call is complete.
    """
    torch = sys.modules.get("torch")
    if torch is not None:
        if torch.cuda.is_initialized():
            torch.cuda.synchronize()
        if torch.backends.mps.is_available():
            torch.mps.synchronize()
    while method is not None:
        hook = getattr(method, "synchronise", None)
        if callable(hook):
            hook()
        method = getattr(method, "inpaint", None)  # beneath a strategy

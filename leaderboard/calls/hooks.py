"""Use what a method may offer beside its call; see the hooks in `baselines.base`."""

import sys

import numpy as np

from df8k.baselines.base import (
    Clocked,
    Confirms,
    CountsGpuMemory,
    Image,
    Inpainter,
    Mask,
    SharesInputs,
    Synchronised,
)


def lend_inputs(method: Inpainter, image: Image, mask: Mask, *, keep: bool = False) -> tuple[Image, Mask]:
    """Put the inputs of one call where the method reads them, before the clock starts.

    Args:
        method: one that `SharesInputs` is called with arrays of its own.
        image: uint8 RGB ``(H, W, 3)``.
        mask: bool ``(H, W)``, ``True`` = missing.
        keep: whether ``image`` and ``mask`` must survive a method that writes to its inputs.

    Returns:
        The arrays to call it with: its own, else ``image`` and ``mask``, or copies of what is to be kept.
    """
    shared = method.inputs(*mask.shape) if isinstance(method, SharesInputs) else None
    if shared is None:
        return (image.copy(), mask.copy()) if keep else (image, mask)
    np.copyto(shared[0], image)
    np.copyto(shared[1], mask)
    return shared


def synchronise(method: Inpainter) -> None:
    """Wait until work in flight is done: many methods return while the device still computes.

    Args:
        method: waits for its own hook, where it is `Synchronised`; torch's devices are waited for too, if
            torch has been brought in.
    """
    torch = sys.modules.get("torch")
    if torch is not None:
        if torch.cuda.is_initialized():
            torch.cuda.synchronize()
        if torch.backends.mps.is_available():
            torch.mps.synchronize()
    if isinstance(method, Synchronised):
        method.synchronise()


def confirm(method: Inpainter) -> None:
    """Have a method that runs elsewhere say that its answer was the last one; outside every clock.

    Raises:
        MethodFailedError: it had answered before it was done.
    """
    if isinstance(method, Confirms):
        method.confirm()


def model_seconds(method: Inpainter, call_s: float) -> float | None:
    """Read what a method says that its network took in the last call.

    Args:
        method: tells where it is `Clocked`.
        call_s: seconds of the whole call.

    Returns:
        Seconds; ``None`` where it does not tell, or cannot be right.
    """
    # A foreign method's attribute may hold anything.
    seconds: object = method.model_seconds if isinstance(method, Clocked) else None
    if isinstance(seconds, (int, float)) and 0 <= seconds <= call_s * 1.01:
        return float(seconds)
    return None


def gpu_peak_bytes(method: Inpainter) -> tuple[int | None, int | None]:
    """Read the highest GPU memory that torch took, here or in the method's own process.

    Returns:
        Bytes allocated to tensors, and bytes reserved from the device; ``None`` where no GPU was used.
    """
    torch = sys.modules.get("torch")
    if torch is not None:
        if torch.cuda.is_initialized():
            return int(torch.cuda.max_memory_allocated()), int(torch.cuda.max_memory_reserved())
        if torch.backends.mps.is_available():
            # Metal keeps no peaks: what is held after the calls.
            return int(torch.mps.current_allocated_memory()), int(torch.mps.driver_allocated_memory())
    return (method.gpu_peak_bytes if isinstance(method, CountsGpuMemory) else None) or (None, None)

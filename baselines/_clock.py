"""What a network takes, from tensor to tensor."""

from time import perf_counter

import torch


def now(device: torch.device) -> float:
    """Seconds of a monotonic clock once everything given to the device is done."""
    if device.type == "cuda":
        torch.cuda.synchronize(device)
    elif device.type == "mps":
        torch.mps.synchronize()
    return perf_counter()

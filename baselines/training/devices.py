"""One device, or several through Lightning Fabric."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from typing import Any

import torch
from torch import Tensor

from df8k.baselines.base import MethodError


class Devices:
    """Devices of a training; one device needs nothing beyond torch.

    Attributes:
        rank: number of this process among all.
        count: processes, one per device.
        device: this process's torch device.
    """

    def __init__(self, device: str, count: int = 1) -> None:
        """Start the processes.

        Args:
            device: ``cpu``, ``cuda``, ``cuda:1`` and so on; with several devices the kind alone counts.
            count: number of devices.

        Raises:
            MethodError: torch cannot use the device, or several devices are wanted and Fabric is absent.
        """
        self.rank, self.count, self._fabric = 0, count, None
        try:
            self.device = torch.device(device)
            torch.empty(1, device=self.device)
        except (RuntimeError, AssertionError) as error:
            raise MethodError(f"torch cannot use {device!r}: {str(error).splitlines()[0]}") from error
        if count > 1:
            self._fabric = _fabric(self.device.type, count)
            self._fabric.launch()
            self.rank, self.device = self._fabric.global_rank, self._fabric.device

    @property
    def first(self) -> bool:
        """True in the process that writes files and draws."""
        return self.rank == 0

    def autocast(self, precision: str) -> AbstractContextManager[Any]:
        """Run losses in mixed precision."""
        return torch.autocast(self.device.type, torch.bfloat16, enabled=precision == "bf16")

    def average(self, tensors: Iterable[Tensor]) -> None:
        """Replace tensors by their means over all devices, in place."""
        averaged = list(tensors)
        if self._fabric is None or not averaged:
            return
        flat = torch.cat([tensor.detach().reshape(-1).float() for tensor in averaged])
        with _together():
            mean = self._fabric.all_reduce(flat, reduce_op="mean")
        for tensor, values in zip(averaged, torch.split(mean, [t.numel() for t in averaged]), strict=True):
            tensor.detach().copy_(values.view_as(tensor))

    def average_gradients(self, parameters: Sequence[Tensor]) -> None:
        """Replace gradients by their means over all devices, in place.

        A device whose part of the batch did not use a parameter counts as zero there; a parameter that no
        device used stays without a gradient, so that the optimiser leaves it alone as on one device.
        """
        if self._fabric is None:
            return
        used = torch.tensor([float(p.grad is not None) for p in parameters], device=self.device)
        self.average([used])
        for parameter, use in zip(parameters, used.tolist(), strict=True):
            if use and parameter.grad is None:
                parameter.grad = torch.zeros_like(parameter)
        self.average(p.grad for p in parameters if p.grad is not None)

    def wait(self) -> None:
        """Let all processes come here."""
        if self._fabric is not None:
            with _together():
                self._fabric.barrier()


@contextmanager
def _together() -> Iterator[None]:
    """Name the cause where an act of all processes fails in each of them because one has ended."""
    try:
        yield
    except RuntimeError as error:
        raise MethodError(
            f"the devices cannot meet ({str(error).partition('. ')[0]}): where another process has ended, "
            "its message says why; run the same command to go on"
        ) from error


def _fabric(kind: str, count: int) -> Any:
    try:
        from lightning_fabric import Fabric
    except ModuleNotFoundError as error:
        raise MethodError(
            "training on several devices needs Lightning Fabric: pip install 'df8k[train]'"
        ) from error
    return Fabric(accelerator=kind, devices=count, strategy="ddp", precision="32-true")

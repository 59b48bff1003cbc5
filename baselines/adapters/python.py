"""Python methods in a process of their own: their modules, their interpreter and their crashes stay there."""

import sys
import weakref
from pathlib import Path
from typing import Any

import numpy as np

from baselines.base import Image, Mask, MethodCard, MethodFailedError, check_inputs

from .process import WatchedProcess
from .settings import Limits
from .shared import Blocks

_WORKER = Path(__file__).with_name("worker.py")
_GOODBYE_S = 2.0


class PythonWorker:
    """Calls ``FILE.py:factory`` or ``package.module:factory`` in a worker process.

    The factory is called without arguments, or with those of ``options``, and returns
    ``inpaint(image, mask) -> image``: uint8 RGB ``(H, W, 3)`` and bool ``(H, W)``, ``True`` = missing. Where
    it has an attribute ``card``, a dictionary, its ``version``, ``parameters`` and ``summary`` go to the
    result. The process starts at the first call and again after a crash, a hang or a kill.

    Attributes:
        model_seconds: of the last call, the method's own ``model_seconds`` where it has such an attribute,
            else the time inside the method, until its own ``synchronise()`` returns where it has one.
        gpu_peak_bytes: highest memory that its torch handed out, and took from the GPU, so far.
    """

    def __init__(
        self,
        target: str,
        *,
        python: str = sys.executable,
        limits: Limits | None = None,
        options: dict[str, Any] | None = None,
    ) -> None:
        module, colon, factory = target.rpartition(":")
        if not colon or not module or not factory.isidentifier():
            raise MethodFailedError("error", f"{target!r} is not FILE.py:factory or package.module:factory")
        if module.endswith(".py") and not Path(module).is_file():
            raise MethodFailedError("error", f"{module} does not exist")
        self._target, self._python, self._limits = target, python, limits or Limits()
        self._options = options or {}
        self._blocks = Blocks()
        self._process: WatchedProcess | None = None
        self._card: dict[str, Any] = {}
        self.model_seconds: float | None = None
        self.gpu_peak_bytes: tuple[int, int] | None = None
        self._start()

    @property
    def card(self) -> MethodCard:
        """Card made of what the method says of itself."""
        card = self._card
        return MethodCard(
            name=str(card.get("name", _default_name(self._target))),
            version=str(card.get("version", "not stated")),
            summary=str(card.get("summary", "a method of its own repository")),
            source=str(card.get("source", Path(self._target.rpartition(":")[0]).name)),
            licence=str(card.get("licence", "not stated")),
            parameters=int(card.get("parameters", 0)),
            settings={"adapter": "python", **self._options},
        )

    def __call__(self, image: Image, mask: Mask) -> Image:
        """Fill the hole; see `baselines.Inpainter`.

        Raises:
            MethodFailedError: with its kind: error, crash, timeout, out-of-memory or wrong-output.
        """
        check_inputs(image, mask)
        process = self._start()
        blocks = self._blocks
        blocks.image.write(image)
        blocks.mask.write(mask)
        output = blocks.output(image.nbytes)
        request = {"shape": mask.shape, "image": blocks.image.fd, "mask": blocks.mask.fd, "output": output.fd}
        try:
            process.ask(request)
            reply = process.answer(self._limits.seconds)
        except MethodFailedError:
            self._process = None
            raise
        _raise_if_failed(reply)
        self.model_seconds = float(reply["model_seconds"])
        self.gpu_peak_bytes = _gpu_peak(reply)
        return blocks.take(output, image.shape)

    def inputs(self, height: int, width: int) -> tuple[Image, Mask]:
        """Image and mask in the memory shared with the process: called with these, nothing is copied."""
        blocks = self._blocks
        return blocks.image.view((height, width, 3), np.uint8), blocks.mask.view((height, width), np.bool_)

    @property
    def peak_bytes(self) -> int:
        """Highest resident memory of the worker seen so far."""
        return self._process.peak_bytes if self._process else 0

    def close(self) -> None:
        """Let the worker end as a program does, and kill it where it does not."""
        if self._process is not None:
            self._process.end(_GOODBYE_S)
            self._process = None

    def _start(self) -> WatchedProcess:
        if self._process is not None:
            return self._process
        module = self._target.rpartition(":")[0]
        target, cwd = self._target, None
        if module.endswith(".py"):
            target = f"{Path(module).resolve()}:{self._target.rpartition(':')[2]}"
            cwd = Path(module).resolve().parent
        # Of the command line only this number is ours: the method's arguments are none.
        command = [self._python, str(_WORKER), "{channel}"]
        process = WatchedProcess(command, self._limits, cwd, fds=self._blocks.fds)
        process.ask({"target": target, "options": self._options, "blocks": self._blocks.fds})
        reply = process.answer(self._limits.start_seconds)
        if "ready" not in reply:
            process.end()
            _raise_if_failed(reply)
        self._card = reply["card"]
        self._process = process
        weakref.finalize(self, process.end)
        return process


def _default_name(target: str) -> str:
    """Name a method after its function, or after its file where the function is called ``load``."""
    module, _, function = target.rpartition(":")
    if function != "load":
        return function
    return Path(module).stem if module.endswith(".py") else module.rpartition(".")[2]


def _gpu_peak(reply: dict[str, Any]) -> tuple[int, int] | None:
    if reply["gpu_peak"] is None:
        return None
    allocated, reserved = reply["gpu_peak"]
    return int(allocated), int(reserved)


def _raise_if_failed(reply: dict[str, Any]) -> None:
    if "kind" in reply:
        raise MethodFailedError(str(reply["kind"]), str(reply["message"]))

"""Python methods in a process of their own: their modules, their interpreter and their crashes stay there."""

import sys
import weakref
from pathlib import Path
from typing import Any

import numpy as np

from df8k.baselines.base import Image, Mask, MethodCard, MethodFailedError, check_inputs

from .isolation.replies import Card, Reply, read_card
from .isolation.sandbox import of_interpreter, of_program
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
        self._card = Card()
        self._seed: int | None = None
        self.model_seconds: float | None = None
        self.gpu_peak_bytes: tuple[int, int] | None = None
        self._start()

    @property
    def card(self) -> MethodCard:
        """Card made of what the method says of itself."""
        card = self._card
        return MethodCard(
            name=(card.name or "").strip() or _default_name(self._target),
            version=card.version or "not stated",
            summary=card.summary or "a method of its own repository",
            source=card.source or Path(self._target.rpartition(":")[0]).name,
            licence=card.licence or "not stated",
            parameters=card.parameters or 0,
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
        if self._seed is not None:
            request["seed"] = self._seed
        try:
            reply = process.request(request, self._limits.seconds)
        except MethodFailedError:
            self._process = None
            raise
        _raise_if_failed(reply)
        self.model_seconds, self.gpu_peak_bytes = reply.model_seconds, reply.gpu_peak
        return blocks.take(output, image.shape)

    def reseed(self, seed: int) -> None:
        """Have the worker seed its generators before each call; see `baselines.base.Reseeds`."""
        self._seed = seed

    def confirm(self) -> None:
        """Have the worker say that it is done with the last picture; see `baselines.base.Confirms`.

        Raises:
            MethodFailedError: it had answered before it was.
        """
        if self._process is None:
            return
        try:
            self._process.request({"confirm": True}, self._limits.seconds)
        except MethodFailedError:
            self._process = None
            raise

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
        readable = [*of_interpreter(self._python), _WORKER, *self._program()]
        process = WatchedProcess(command, self._limits, cwd, fds=self._blocks.fds, readable=readable)
        setup = {"target": target, "options": self._options, "blocks": self._blocks.fds}
        reply = process.request(setup, self._limits.start_seconds)
        try:
            _raise_if_failed(reply)
            self._card = read_card(reply.card)
        except MethodFailedError:
            process.end()
            raise
        self._process = process
        weakref.finalize(self, process.end)
        return process

    def _program(self) -> list[Path]:
        """List what the method is made of; in a sandbox it sees no more."""
        module = self._target.rpartition(":")[0]
        if module.endswith(".py"):
            return [of_program(Path(module))]
        top = Path.cwd() / module.partition(".")[0]
        return [path for path in (top, top.with_suffix(".py")) if path.exists()]


def _default_name(target: str) -> str:
    """Name a method after its function, or after its file where the function is called ``load``."""
    module, _, function = target.rpartition(":")
    if function != "load":
        return function
    return Path(module).stem if module.endswith(".py") else module.rpartition(".")[2]


def _raise_if_failed(reply: Reply) -> None:
    if reply.kind is not None:
        raise MethodFailedError(reply.kind, reply.message)

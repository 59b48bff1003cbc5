"""External commands over files: any language, any framework."""

import shlex
import time
from pathlib import Path
from typing import Final

import cv2
import numpy as np

from df8k.baselines.base import Image, Mask, MethodCard, MethodFailedError, check_inputs

from .exchange import Exchange
from .isolation.sandbox import of_interpreter, of_program
from .process import WatchedProcess
from .settings import Limits

_FIELDS: Final = ("{image}", "{mask}", "{output}")
_MISSING: Final = np.uint8(255)
_FAST: Final = (cv2.IMWRITE_PNG_COMPRESSION, 1)


class Command:
    """Command that is run for each picture: PNG image and mask in (255 = missing), PNG out.

    The command is split as a shell splits words and run without a shell; ``{image}``, ``{mask}`` and
    ``{output}`` become paths. It runs in the folder of the file that it names, such as its script, or else in
    an empty one; relative paths to files are made absolute.

    Attributes:
        model_seconds: time of the command alone, of the last call: without writing and reading the pictures.
    """

    def __init__(self, command: str, *, limits: Limits | None = None) -> None:
        self._words = shlex.split(command)
        absent = [field for field in _FIELDS if not any(field in word for word in self._words)]
        if absent:
            raise MethodFailedError("error", f"the command {command!r} lacks {', '.join(absent)}")
        named = [word for word in self._words[1:] if Path(word).is_file()]
        if "/" in self._words[0]:
            named.append(self._words[0])  # last: it is mostly an interpreter
        self._words = [str(Path(word).absolute()) if word in named else word for word in self._words]
        self._limits = limits or Limits()
        self._program = [of_program(Path(word)) for word in named] + of_interpreter(self._words[0])
        self._exchange = Exchange()
        self._cwd = Path(named[0]).absolute().parent if named else self._exchange.path
        self.model_seconds: float | None = None
        self.card = MethodCard(
            name=Path(named[0] if named else self._words[0]).stem,
            version="not stated",
            summary="an external command",
            source=command,
            licence="not stated",
            settings={"adapter": "command"},
        )

    def __call__(self, image: Image, mask: Mask) -> Image:
        """Fill the hole; see `baselines.Inpainter`.

        Raises:
            MethodFailedError: with its kind: crash, timeout, out-of-memory or wrong-output.
        """
        check_inputs(image, mask)
        paths = {field: self._exchange.path / f"{field[1:-1]}.png" for field in _FIELDS}
        for field, array in (
            ("{image}", cv2.cvtColor(image, cv2.COLOR_RGB2BGR)),
            ("{mask}", mask * _MISSING),
        ):
            if not cv2.imwrite(str(paths[field]), array, _FAST):
                raise MethodFailedError("error", f"{paths[field]} cannot be written: is there room?")
        paths["{output}"].unlink(missing_ok=True)
        words = list(self._words)
        for field, path in paths.items():
            words = [word.replace(field, str(path)) for word in words]
        start = time.perf_counter()
        process = WatchedProcess(
            words, self._limits, self._cwd, readable=self._program, writable=[self._exchange.path]
        )
        process.wait(self._limits.seconds)
        self.model_seconds = time.perf_counter() - start
        return self._read(paths["{output}"], image)

    def _read(self, path: Path, image: Image) -> Image:
        if not path.exists():
            raise MethodFailedError("wrong-output", f"the command wrote no {path.name}")
        output = cv2.imread(str(path), cv2.IMREAD_UNCHANGED)
        if output is None or output.dtype != np.uint8 or output.shape != image.shape:
            described = "no picture" if output is None else f"{output.dtype} {output.shape}"
            raise MethodFailedError("wrong-output", f"wrote {described}, expected uint8 {image.shape}")
        return np.asarray(cv2.cvtColor(output, cv2.COLOR_BGR2RGB), dtype=np.uint8)

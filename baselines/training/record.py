"""Record of a run: a line of numbers for each step, and TensorBoard's files."""

import json
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self

from torch import Tensor

from _df8k.files import atomic_file
from df8k.baselines.base import Image, MethodError

if TYPE_CHECKING:
    from torch.utils.tensorboard import SummaryWriter


class Record:
    """``scalars.jsonl`` and, where it is installed and wanted, TensorBoard event files.

    A resumed run drops the lines of steps that it does again.

    Args:
        folder: of the run; ``None`` writes nothing, for all devices but the first.
        done: steps that are done.
        tensorboard: write event files too.
    """

    def __init__(self, folder: Path | None, done: int, *, tensorboard: bool) -> None:
        self._pending: list[tuple[int, dict[str, Tensor | float]]] = []
        self._path: Path | None = None
        self._writer: SummaryWriter | None = None
        if folder is None:
            return
        self._path = folder / "scalars.jsonl"
        kept = []
        if self._path.exists():
            kept = [line for line in self._path.read_text().splitlines() if _step(line) <= done]
        with atomic_file(self._path) as file:
            file.write("".join(f"{line}\n" for line in kept).encode())
        if tensorboard:
            self._writer = _tensorboard(folder / "tensorboard", done)

    def scalars(self, step: int, values: dict[str, Tensor | float]) -> None:
        """Note numbers of a step; they are fetched from the device at the next `flush`."""
        if self._path is not None:
            self._pending.append((step, values))

    def pictures(self, step: int, pictures: dict[str, Image]) -> None:
        """Note uint8 RGB pictures."""
        if self._writer is not None:
            for name, picture in pictures.items():
                self._writer.add_image(name, picture, step, dataformats="HWC")

    def flush(self) -> None:
        """Write everything that was noted."""
        if self._path is None:
            return
        with self._path.open("a") as file:
            for step, values in self._pending:
                numbers = {name: float(value) for name, value in values.items()}
                file.write(json.dumps({"step": step, **numbers}) + "\n")
                if self._writer is not None:
                    for name, number in numbers.items():
                        self._writer.add_scalar(name, number, step)
        self._pending.clear()

    def __enter__(self) -> Self:
        """Use as a context."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Write what is pending."""
        self.flush()
        if self._writer is not None:
            self._writer.close()


def _step(line: str) -> float:
    try:
        return float(json.loads(line)["step"])
    except (ValueError, KeyError):
        return float("inf")  # half a line, from a kill


def _tensorboard(folder: Path, done: int) -> "SummaryWriter":
    try:
        from torch.utils.tensorboard import SummaryWriter
    except ModuleNotFoundError as error:
        raise MethodError("--tensorboard needs TensorBoard: pip install 'df8k[train]'") from error
    return SummaryWriter(str(folder), purge_step=done + 1)

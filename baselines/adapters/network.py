"""Exported networks in a process of their own: a network file can hold code, and name files of its reader."""

from hashlib import file_digest
from pathlib import Path
from typing import Literal

import _df8k
from df8k import baselines
from df8k.baselines.base import MethodCard, MethodFailedError

from .declaration import Declaration, read_declaration
from .isolation.sandbox import of_program
from .python import PythonWorker
from .settings import Limits


class NetworkWorker(PythonWorker):
    """ONNX or TorchScript file that a worker process of this package opens; see `exported`.

    Attributes:
        declaration: as declared beside the file, completed by what the file tells.
    """

    def __init__(
        self,
        path: Path,
        kind: Literal["onnx", "torchscript"],
        *,
        device: str = "cpu",
        limits: Limits | None = None,
        convention: str | None = None,
    ) -> None:
        """Open the file.

        Args:
            path: of the file.
            kind: its format.
            device: torch device.
            limits: bounds of the process.
            convention: published convention that it keeps to, in place of a declaration beside it.

        Raises:
            MethodFailedError: it is absent, or the runtime refuses it.
        """
        read_declaration(path, convention)  # its faults are told before anything is started
        try:
            with path.open("rb") as file:
                self._digest = file_digest(file, "sha256").hexdigest()
        except OSError as error:
            raise MethodFailedError("error", f"{path} cannot be opened: {error.strerror}") from error
        self._file = path
        super().__init__(
            f"df8k.baselines.adapters.isolation.served:{kind}",
            limits=limits,
            options={"path": str(path.resolve()), "device": device, "convention": convention},
        )

    @property
    def card(self) -> MethodCard:
        """Card of the network; the hash is that of the file as this process read it."""
        card = self._card
        return MethodCard(
            name=card.name or self._file.stem,
            version=card.version or "not stated",
            summary=card.summary or "an exported network",
            source=self._file.name,
            licence=card.licence or "not stated",
            parameters=0,
            weights_sha256=self._digest,
            settings=dict(card.settings),
        )

    @property
    def declaration(self) -> Declaration:
        """Restriction of its pictures; see `baselines.base.Declares`."""
        settings = {
            name: value for name, value in self._card.settings.items() if name in Declaration.model_fields
        }
        return Declaration.model_validate(settings)

    def _program(self) -> list[Path]:
        return [of_program(self._file), *(Path(module.__path__[0]) for module in (baselines, _df8k))]

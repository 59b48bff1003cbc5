"""Contract of a method: the call and its card, optional hooks, wrappers that hand the hooks on."""

from dataclasses import dataclass, field
from typing import Any, Literal, Protocol, runtime_checkable

import numpy as np
import numpy.typing as npt

Image = npt.NDArray[np.uint8]
Mask = npt.NDArray[np.bool_]

# Part that learned weights play in the output: none at all, none that a measurement shows, weights that
# this project trained, or those that the method's authors published; empty where nobody says.
Learning = Literal["", "none", "no effect", "ours", "official"]


class MethodError(ValueError):
    """Arguments, options or files with which a method cannot work; the message says why and what to do."""


class NotInstalledError(MethodError):
    """A package is absent that the method needs; the message has the command that installs it."""


class MethodFailedError(MethodError):
    """Failure of a foreign method, which gave no answer.

    Attributes:
        kind: ``error``, ``crash``, ``timeout``, ``out-of-memory`` or ``wrong-output``.
    """

    def __init__(self, kind: str, message: str) -> None:
        super().__init__(message)
        self.kind = kind


@dataclass(frozen=True, kw_only=True)
class MethodCard:
    """Origin of a method, its kind and the weights that it runs with.

    Attributes:
        name: registered name, lower-kebab.
        version: changes whenever the method's output may change.
        summary: one line for tables.
        source: paper or implementation it follows, with section.
        licence: licence of code and, where there are any, of weights.
        parameters: learned parameters used at inference.
        weights_sha256: hash of the weights file; ``None`` for methods without weights.
        untrained: True when a learned method runs on random weights; off the board, unless it is a control.
        learning: part that learned weights play in the output; see `Learning`.
        added_stages: of a re-implementation, the stages that its source does not have.
        control: True for a row that exists to be beaten: a claim of another method is tested against it.
        settings: every option that changes the output.
    """

    name: str
    version: str
    summary: str
    source: str
    licence: str
    parameters: int = 0
    weights_sha256: str | None = None
    untrained: bool = False
    learning: Learning = ""
    added_stages: tuple[str, ...] = ()
    control: bool = False
    settings: dict[str, Any] = field(default_factory=dict)


@runtime_checkable
class Inpainter(Protocol):
    """Method: any callable with a card."""

    @property
    def card(self) -> MethodCard:
        """Name, version, source and weights of the method."""
        ...

    def __call__(self, image: Image, mask: Mask) -> Image:
        """Fill the hole.

        Args:
            image: uint8 RGB ``(H, W, 3)``; whatever stands under the hole carries no meaning.
            mask: bool ``(H, W)``, ``True`` = missing.

        Returns:
            A new uint8 RGB ``(H, W, 3)`` array; neither argument is changed.
        """
        ...


@runtime_checkable
class Clocked(Protocol):
    """Hook: a method that times its own network."""

    @property
    def model_seconds(self) -> float | None:
        """Seconds inside the network during the last call; ``None`` where no network ran or none is timed."""
        ...


@runtime_checkable
class Synchronised(Protocol):
    """Hook: a method that may return while its work goes on, such as on a device that torch does not know."""

    def synchronise(self) -> None:
        """Return once the picture of the last call is complete."""
        ...


@runtime_checkable
class SharesInputs(Protocol):
    """Hook: a method that reads its arguments from memory that a caller may write to."""

    def inputs(self, height: int, width: int) -> tuple[Image, Mask] | None:
        """Lend the arrays that the method reads without a copy.

        Returns:
            Writable uint8 ``(height, width, 3)`` and bool ``(height, width)``, or ``None``.
        """
        ...


@runtime_checkable
class Confirms(Protocol):
    """Hook: a method that runs elsewhere and might answer before it is done."""

    def confirm(self) -> None:
        """Return once the method says, again, that the last picture is complete.

        Raises:
            MethodFailedError: its earlier answer was not the last word.
        """
        ...


@runtime_checkable
class CountsGpuMemory(Protocol):
    """Hook: a method whose GPU memory only itself can see, such as in another process."""

    @property
    def gpu_peak_bytes(self) -> tuple[int, int] | None:
        """Highest memory allocated to tensors and reserved from the GPU so far; ``None`` without a GPU."""
        ...


@runtime_checkable
class CountsMemory(Protocol):
    """Hook: a method that runs in a process whose memory it watches."""

    @property
    def peak_bytes(self) -> int:
        """Highest resident memory of that process so far; 0 without one."""
        ...


@runtime_checkable
class Reseeds(Protocol):
    """Hook: a stochastic method whose draw follows from a seed."""

    def reseed(self, seed: int) -> None:
        """Set the seed of the next calls, 0 to 2³² - 1: the same seed and picture give the same draw."""
        ...


@runtime_checkable
class Closable(Protocol):
    """Hook: a method that holds a process or files until it is closed."""

    def close(self) -> None:
        """Release them; a later call takes them anew."""
        ...


class Restriction(Protocol):
    """Part of a declaration that restricts what a method may be called with."""

    @property
    def size(self) -> tuple[int, int] | None:
        """Height and width of the only pictures that the method takes; ``None`` where it takes any."""
        ...


@runtime_checkable
class Declares(Protocol):
    """Hook: a method that says which pictures it takes."""

    @property
    def declaration(self) -> Restriction | None:
        """Restriction of its pictures; ``None`` where there is none."""
        ...


class Wrapper:
    """Method around another one, whose hooks it hands on; a subclass adds the card and the call.

    A subclass that calls the inner method with other arrays overrides ``inputs``, ``declaration`` and
    ``model_seconds``, which hold for those arrays alone.

    Attributes:
        inpaint: the inner method.
    """

    def __init__(self, inpaint: Inpainter) -> None:
        self.inpaint = inpaint

    @property
    def card(self) -> MethodCard:
        """Return the inner method's card."""
        return self.inpaint.card

    def __call__(self, image: Image, mask: Mask) -> Image:
        """Fill the hole; see `Inpainter`."""
        return self.inpaint(image, mask)

    @property
    def model_seconds(self) -> float | None:
        """Seconds inside the network; see `Clocked`."""
        return self.inpaint.model_seconds if isinstance(self.inpaint, Clocked) else None

    def synchronise(self) -> None:
        """Wait for the inner method; see `Synchronised`."""
        if isinstance(self.inpaint, Synchronised):
            self.inpaint.synchronise()

    def inputs(self, height: int, width: int) -> tuple[Image, Mask] | None:
        """Lend the inner method's arrays; see `SharesInputs`."""
        return self.inpaint.inputs(height, width) if isinstance(self.inpaint, SharesInputs) else None

    def confirm(self) -> None:
        """Have the inner method confirm its answer; see `Confirms`."""
        if isinstance(self.inpaint, Confirms):
            self.inpaint.confirm()

    @property
    def gpu_peak_bytes(self) -> tuple[int, int] | None:
        """Highest GPU memory; see `CountsGpuMemory`."""
        return self.inpaint.gpu_peak_bytes if isinstance(self.inpaint, CountsGpuMemory) else None

    @property
    def peak_bytes(self) -> int:
        """Highest resident memory; see `CountsMemory`."""
        return self.inpaint.peak_bytes if isinstance(self.inpaint, CountsMemory) else 0

    @property
    def declaration(self) -> Restriction | None:
        """Restriction of the pictures; see `Declares`."""
        return self.inpaint.declaration if isinstance(self.inpaint, Declares) else None

    def close(self) -> None:
        """Close the inner method; see `Closable`."""
        if isinstance(self.inpaint, Closable):
            self.inpaint.close()


def unwrap(inpaint: Inpainter, through: type[Wrapper] = Wrapper) -> Inpainter:
    """Take wrappers off a method.

    Args:
        inpaint: any method.
        through: kind of wrapper to take off; the first layer of another kind stays.

    Returns:
        The innermost method reached.
    """
    while isinstance(inpaint, through):
        inpaint = inpaint.inpaint
    return inpaint


def check_inputs(image: Image, mask: Mask) -> None:
    """Check the arrays of one call.

    Raises:
        MethodError: wrong dtype, shape or rank, or an empty image.
    """
    arguments: dict[str, object] = {"image": image, "mask": mask}
    for name, value in arguments.items():
        if not isinstance(value, np.ndarray):
            kind = f"{type(value).__module__}.{type(value).__qualname__}"
            raise MethodError(f"{name} is a {kind}: an array is expected, such as numpy.asarray({name})")
    if image.dtype != np.uint8 or image.ndim != 3 or image.shape[2] != 3:
        raise MethodError(f"image must be uint8 of shape (H, W, 3); got {image.dtype} {image.shape}")
    if mask.dtype != np.bool_ or mask.shape != image.shape[:2]:
        raise MethodError(
            f"mask must be bool of shape {image.shape[:2]} (True = missing); got {mask.dtype} {mask.shape}"
        )
    if image.size == 0:
        raise MethodError(f"image is empty: shape {image.shape}")

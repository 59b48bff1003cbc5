"""Layout, range, polarity and size that an exported network expects: declared beside its file or detected."""

import json
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Annotated, Any, Final, Literal

import numpy as np
import numpy.typing as npt
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from _df8k.bounded import read_object
from _df8k.gate import shown
from df8k.baselines.base import Image, Mask, MethodFailedError

Tensor = npt.NDArray[np.generic]

_CONVENTIONS: Final = Path(__file__).with_name("conventions")
_USUAL: Final = ((0, 1), (-1, 1), (0, 255))  # ranges that networks are published with
_BEYOND: Final = 0.05  # fraction of values far beyond the declared range that no network overshoots by


class Declaration(BaseModel):
    """Content of ``MODEL.json`` beside ``MODEL.onnx`` or ``MODEL.pt``; all fields have defaults.

    Attributes:
        like: name of a published convention whose fields hold where none is given here; see `conventions`.
        layout: order of the image's axes; a batch axis of 1 comes first.
        range: values of black and white in the image; ``[0, 255]`` for networks on bytes.
        output_range: values of black and white in the output; where it is absent, ``range``.
        colours: order of the channels, in and out.
        hole: value of missing pixels in the mask.
        known: value of known pixels in the mask; where it is absent, 1 if ``hole`` is 0, else 0.
        erased: value of missing pixels in the image; where it is absent, black, or the middle of a range that
            begins below 0.
        inputs: ``pair`` feeds image and mask as two inputs, ``swapped`` mask and image, ``stacked`` the four
            channels of one, ``stacked-swapped`` with the mask's first.
        output: name, key or place of the picture among several outputs.
        size: height and width of the only pictures that it takes; ``None`` where it takes any.
        name: the method's name in tables.
        version: changes with the network.
        licence: of code and weights.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    like: str | None = None
    layout: Literal["NCHW", "NHWC"] = "NCHW"
    range: tuple[float, float] = (0.0, 1.0)
    output_range: tuple[float, float] | None = None
    colours: Literal["RGB", "BGR"] = "RGB"
    hole: int | float = 1
    known: int | float | None = None
    erased: int | float | None = None
    inputs: Literal["pair", "swapped", "stacked", "stacked-swapped"] = "pair"
    output: int | str | None = None
    size: tuple[Annotated[int, Field(ge=1)], Annotated[int, Field(ge=1)]] | None = None
    name: Annotated[str, Field(pattern=r"\S")] | None = None
    version: str = "not stated"
    licence: str = "not stated"

    def encode(
        self, image: Image, mask: Mask, dtypes: Sequence[npt.DTypeLike] = (np.float32,)
    ) -> list[Tensor]:
        """Make arrays for the network, in the order of its inputs.

        Args:
            image: uint8 RGB ``(H, W, 3)``.
            mask: bool ``(H, W)``, ``True`` = missing.
            dtypes: of the inputs; the last holds for those that follow.
        """
        low, high = self.range
        pixels = image.astype(np.float32) * ((high - low) / 255) + low
        if self.colours == "BGR":
            pixels = pixels[..., ::-1].copy()
        darkness = (low + high) / 2 if low < 0 else low
        pixels[mask] = darkness if self.erased is None else self.erased
        known = self.known if self.known is not None else int(self.hole == 0)
        holes = np.where(mask, np.float32(self.hole), np.float32(known))[..., None]
        arrays = [pixels, holes]
        if self.inputs in {"swapped", "stacked-swapped"}:
            arrays.reverse()
        if self.inputs in {"stacked", "stacked-swapped"}:
            arrays = [np.concatenate(arrays, axis=2)]
        if self.layout == "NCHW":
            arrays = [array.transpose(2, 0, 1) for array in arrays]
        types = [*dtypes, *[dtypes[-1]] * len(arrays)]
        return [
            np.ascontiguousarray(array[None], dtype=dtype)
            for array, dtype in zip(arrays, types, strict=False)
        ]

    def check_size(self, height: int, width: int) -> None:
        """Check the size of a picture before the network sees it.

        Raises:
            MethodFailedError: the network takes another size alone; the message offers the strategies.
        """
        if self.size is None or self.size == (height, width):
            return
        rows, columns = self.size
        reason = f"the network takes pictures of {columns} x {rows} alone, this one is {width} x {height}: "
        if rows != columns:
            raise MethodFailedError(
                "error", reason + "strategies hand over squares; export it with free axes"
            )
        raise MethodFailedError("error", reason + strategies_for(rows))

    def decode(self, output: Tensor, image: Image) -> Image:
        """Read the picture from an output tensor.

        Raises:
            MethodFailedError: another shape than the input's, values that are not finite, or many far beyond
                the range of the output.
        """
        values = np.asarray(output, dtype=np.float32)
        values = values[0] if values.ndim == 4 and values.shape[0] == 1 else values
        if self.layout == "NCHW" and values.shape != image.shape and values.ndim == 3:
            values = values.transpose(1, 2, 0)
        if values.shape != image.shape:
            raise MethodFailedError("wrong-output", f"returned {values.shape}, expected {image.shape}")
        if not np.isfinite(values).all():
            raise MethodFailedError("wrong-output", "returned values that are not finite")
        low, high = self.range if self.output_range is None else self.output_range
        scaled = (values - low) * (255 / (high - low))
        if np.mean((scaled < -127) | (scaled > 382)) > _BEYOND:  # half the range, on either side
            raise MethodFailedError("wrong-output", _beyond(values, low, high))
        picture = np.asarray(np.clip(np.rint(scaled), 0, 255), dtype=np.uint8)
        return picture[..., ::-1] if self.colours == "BGR" else picture


def _beyond(values: npt.NDArray[np.float32], low: float, high: float) -> str:
    least, most = (float(value) for value in np.percentile(values, (1, 99)))
    fits = [list(usual) for usual in _USUAL if usual[0] <= least + 0.25 and most <= 1.1 * usual[1]]
    remedy = f'declare "output_range": {fits[0]}' if fits else "declare output_range, and look at range"
    return (
        f"gave values from {least:.4g} to {most:.4g}, and black is {low:g}, white {high:g} as declared: "
        f"{remedy} beside the network"
    )


def strategies_for(side: int) -> str:
    """Advise strategies for a network that takes squares of one size alone."""
    overlap = max(1, side // 8)
    return f"give --strategy resize:{side}, crop:{side} or tile:{side}:{overlap}"


def conventions() -> list[str]:
    """List the names of the published conventions that a declaration may be ``like``."""
    return sorted(path.stem for path in _CONVENTIONS.glob("*.json"))


def read_declaration(model: Path, convention: str | None = None) -> Declaration:
    """Read ``MODEL.json`` beside the model; the defaults where there is none.

    Args:
        model: the network's file.
        convention: published convention that holds in place of any file; see `conventions`.

    Raises:
        MethodFailedError: it is not such a file; the message names the field.
    """
    if convention is not None:
        return Declaration.model_validate(read_convention(convention))
    path = model.with_suffix(".json")
    if not path.exists():
        return Declaration()
    content = read_object(path, partial(MethodFailedError, "error"))
    try:
        declaration = Declaration.model_validate(content)
        if declaration.like is None:
            return declaration
        if declaration.like not in conventions():
            known = ", ".join(conventions())
            raise MethodFailedError("error", f"{path}: like: {shown(declaration.like)} is none of {known}")
        return Declaration.model_validate(read_convention(declaration.like) | content)
    except ValidationError as error:
        fault = error.errors()[0]
        where = ".".join(map(str, fault["loc"])) or "file"
        raise MethodFailedError("error", f"{path}: {where}: {fault['msg']}") from error


def read_convention(convention: str) -> dict[str, Any]:
    """Read the fields of a published convention; see `conventions`."""
    fields: dict[str, Any] = json.loads((_CONVENTIONS / f"{convention}.json").read_bytes())
    return fields

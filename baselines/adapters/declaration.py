"""Layout, range, polarity and size that an exported network expects: declared beside its file or detected."""

from pathlib import Path
from typing import Annotated, Literal

import numpy as np
import numpy.typing as npt
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from baselines.base import Image, Mask, MethodFailedError

Tensor = npt.NDArray[np.generic]


class Declaration(BaseModel):
    """Content of ``MODEL.json`` beside ``MODEL.onnx`` or ``MODEL.pt``; all fields have defaults.

    Attributes:
        layout: order of the image's axes; a batch axis of 1 comes first.
        range: values of black and white in image and output; ``[0, 255]`` for networks on bytes.
        hole: value of missing pixels in the mask.
        known: value of known pixels in the mask; where it is absent, 1 if ``hole`` is 0, else 0.
        inputs: ``pair`` feeds image and mask as two inputs, ``swapped`` mask and image, ``stacked`` the four
            channels of one.
        size: height and width of the only pictures that it takes; ``None`` where it takes any.
        name: the method's name in tables.
        version: changes with the network.
        licence: of code and weights.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    layout: Literal["NCHW", "NHWC"] = "NCHW"
    range: tuple[float, float] = (0.0, 1.0)
    hole: Literal[0, 1, 255] = 1
    known: Literal[0, 1, 255] | None = None
    inputs: Literal["pair", "swapped", "stacked"] = "pair"
    size: tuple[Annotated[int, Field(ge=1)], Annotated[int, Field(ge=1)]] | None = None
    name: str | None = None
    version: str = "not stated"
    licence: str = "not stated"

    def encode(self, image: Image, mask: Mask, dtype: npt.DTypeLike = np.float32) -> list[Tensor]:
        """Make arrays for the network: image with its hole at the middle of the range, and the mask."""
        low, high = self.range
        pixels = image.astype(np.float32) * ((high - low) / 255) + low
        pixels[mask] = (low + high) / 2 if low < 0 else low
        known = self.known if self.known is not None else int(self.hole == 0)
        holes = np.where(mask, np.float32(self.hole), np.float32(known))[..., None]
        arrays = [np.concatenate([pixels, holes], axis=2)] if self.inputs == "stacked" else [pixels, holes]
        if self.inputs == "swapped":
            arrays.reverse()
        if self.layout == "NCHW":
            arrays = [array.transpose(2, 0, 1) for array in arrays]
        return [np.ascontiguousarray(array[None], dtype=dtype) for array in arrays]

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
            MethodFailedError: another shape than the input's, or values that are not finite.
        """
        values = np.asarray(output, dtype=np.float32)
        values = values[0] if values.ndim == 4 and values.shape[0] == 1 else values
        if self.layout == "NCHW" and values.ndim == 3:
            values = values.transpose(1, 2, 0)
        if values.shape != image.shape:
            raise MethodFailedError("wrong-output", f"returned {values.shape}, expected {image.shape}")
        if not np.isfinite(values).all():
            raise MethodFailedError("wrong-output", "returned values that are not finite")
        low, high = self.range
        scaled = (values - low) * (255 / (high - low))
        return np.asarray(np.clip(np.rint(scaled), 0, 255), dtype=np.uint8)


def strategies_for(side: int) -> str:
    """Advise strategies for a network that takes squares of one size alone."""
    overlap = max(1, side // 8)
    return f"give --strategy resize:{side}, crop:{side} or tile:{side}:{overlap}"


def read_declaration(model: Path) -> Declaration:
    """Read ``MODEL.json`` beside the model; the defaults where there is none.

    Raises:
        MethodFailedError: it is not such a file; the message names the field.
    """
    path = model.with_suffix(".json")
    if not path.exists():
        return Declaration()
    try:
        return Declaration.model_validate_json(path.read_bytes())
    except ValidationError as error:
        fault = error.errors()[0]
        where = ".".join(map(str, fault["loc"])) or "file"
        raise MethodFailedError("error", f"{path}: {where}: {fault['msg']}") from error

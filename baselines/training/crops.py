"""Training pictures: reduced once, kept uncompressed on disk, cropped by number.

Decoding a photograph takes longer than a training step on it. So every picture is decoded once, reduced by
area to several sizes, and the results lie one after another in a file that is mapped into memory. Sample n of
a training is a pure function of the seed and n: not of the order, the processes or an interruption.
"""

import hashlib
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from _df8k.files import atomic_file
from df8k.baselines.base import Image, Mask, MethodError

from .config import TrainingConfig

DrawMask = Callable[[str, int, int], Mask]
_FORMAT = 1


@dataclass(frozen=True)
class Photograph:
    """Photograph to train on.

    Attributes:
        identity: names its content; two pictures of one identity are the same.
        read: decodes it, uint8 RGB ``(H, W, 3)``.
    """

    identity: str
    read: Callable[[], Image]


@dataclass(frozen=True)
class PackedLevel:
    """Reduced picture in the pack: where it starts, and its size."""

    offset: int
    height: int
    width: int


class Pack:
    """Reduced pictures, mapped into memory; opened by `open_pack`."""

    def __init__(self, path: Path, pictures: Sequence[Sequence[PackedLevel]]) -> None:
        self._path = path
        self._bytes = np.memmap(path, np.uint8, "r")
        self.pictures = pictures

    def __reduce__(self) -> tuple[type["Pack"], tuple[Path, Sequence[Sequence[PackedLevel]]]]:
        # Processes that prepare samples map the file themselves instead of receiving a copy of it.
        return Pack, (self._path, self.pictures)

    def at(self, level: PackedLevel) -> Image:
        """Read a reduced picture, uint8 ``(h, w, 3)``, read-only."""
        count = 3 * level.height * level.width
        flat = self._bytes[level.offset : level.offset + count]
        return flat.reshape(level.height, level.width, 3)


def open_pack(
    folder: Path,
    photographs: Sequence[Photograph],
    config: TrainingConfig,
    report: Callable[[str, int, int | None], None],
) -> Pack:
    """Open the pack of a run, which the first call makes.

    Args:
        folder: of the run.
        photographs: in any order.
        config: crop and levels.
        report: ``(stage, done, total)``.

    Raises:
        MethodError: no picture is large enough, or the pack was made of other pictures.
    """
    ordered = sorted(photographs, key=lambda photograph: photograph.identity)
    description = {
        "format": _FORMAT,
        "crop_px": config.crop_px,
        "levels_px": list(config.levels_px),
        "identities": [photograph.identity for photograph in ordered],
    }
    index, data = folder / "pack.json", folder / "pack.bin"
    if not index.exists():
        _write_pack(index, data, ordered, config, description, report)
    packed = json.loads(index.read_text())
    pictures = packed.pop("pictures")
    if packed != description:
        raise MethodError(
            f"{folder} was begun with other pictures: give the same --data and --extra-data, or another --out"
        )
    return Pack(data, [[PackedLevel(*level) for level in levels] for levels in pictures if levels])


def _write_pack(
    index: Path,
    data: Path,
    photographs: Sequence[Photograph],
    config: TrainingConfig,
    description: dict[str, object],
    report: Callable[[str, int, int | None], None],
) -> None:
    pictures: list[list[tuple[int, int, int]]] = []
    with atomic_file(data) as file:
        for done, photograph in enumerate(photographs):
            report("reducing pictures", done, len(photographs))
            levels = []
            for small in reduce_to_levels(photograph.read(), config):
                levels.append((file.tell(), *small.shape[:2]))
                file.write(small.tobytes())
            pictures.append(levels)
        report("reducing pictures", len(photographs), len(photographs))
    if not any(pictures):
        raise MethodError(
            f"none of {len(photographs)} pictures has both sides of at least {config.crop_px} px: "
            "give larger ones, or a smaller crop_px"
        )
    with atomic_file(index) as file:
        file.write(json.dumps({**description, "pictures": pictures}).encode())


def reduce_to_levels(image: Image, config: TrainingConfig) -> Iterator[Image]:
    """Reduce to every level that the picture is large enough for; as it is when only the crop fits."""
    short = min(image.shape[:2])
    levels = [px for px in config.levels_px if config.crop_px <= px <= short]
    if not levels and short >= config.crop_px:
        yield image
    for px in levels:
        height, width = (max(px, round(side * px / short)) for side in image.shape[:2])
        small = cv2.resize(image, (width, height), interpolation=cv2.INTER_AREA) if px != short else image
        yield np.ascontiguousarray(small, np.uint8)


def open_masks(
    folder: Path,
    draw_mask: DrawMask,
    config: TrainingConfig,
    report: Callable[[str, int, int | None], None],
) -> DrawMask:
    """Give masks for samples: as they are drawn, or from a bank beside the pack when one is configured.

    Drawing a mask can take longer than a training step on its crop. The bank's come in eight positions.

    Args:
        folder: of the run; the bank's name there follows from all that decides its masks.
        draw_mask: ``(key, height, width) -> bool (height, width)``, a pure function of its arguments.
        config: size of the bank, crop and seed.
        report: ``(stage, done, total)``.

    Returns:
        A function like ``draw_mask``.
    """
    if not config.mask_bank:
        return draw_mask
    side = config.crop_px
    law = f"{config.seed}|{config.mask_bank}|{side}|{','.join(config.masks)}"
    path = folder / f"masks-{hashlib.sha256(law.encode()).hexdigest()[:8]}.bin"
    if not path.exists():
        with atomic_file(path) as file:
            for number in range(config.mask_bank):
                report("drawing masks", number, config.mask_bank)
                mask = draw_mask(f"bank|{config.seed}|{number}", side, side)
                file.write(np.packbits(mask, axis=1).tobytes())
        report("drawing masks", config.mask_bank, config.mask_bank)
    return MaskBank(path, config.mask_bank, side)


class MaskBank:
    """Square masks mapped into memory; made by `open_masks`.

    Args:
        path: packed bits, row by row.
        count: of masks.
        side: in pixels, a multiple of 8.
    """

    def __init__(self, path: Path, count: int, side: int) -> None:
        self._path, self._side = path, side
        self._bits = np.memmap(path, np.uint8, "r", shape=(count, side, side // 8))

    def __reduce__(self) -> tuple[type["MaskBank"], tuple[Path, int, int]]:
        return MaskBank, (self._path, len(self._bits), self._side)

    def __call__(self, key: str, height: int, width: int) -> Mask:
        """Turn and mirror the mask of a key, bool ``(height, width)``, ``True`` = missing."""
        number = int.from_bytes(hashlib.sha256(key.encode()).digest()[:8], "big")
        index, position = number // 8 % len(self._bits), number % 8
        mask = np.unpackbits(self._bits[index], axis=1).astype(np.bool_)[:height, :width]
        turned = np.rot90(mask, position % 4)
        return turned[:, ::-1] if position >= 4 else turned


class Samples(torch.utils.data.Dataset[tuple[Tensor, Tensor]]):
    """Sample n: a random crop of a random picture at a random level, flipped or not, and its mask.

    Args:
        pack: reduced pictures.
        draw_mask: ``(key, height, width) -> bool (height, width)``, a pure function of its arguments.
        config: crop, seed, and the chance that colour channels change places.
    """

    def __init__(self, pack: Pack, draw_mask: DrawMask, config: TrainingConfig) -> None:
        self._pack, self._draw_mask = pack, draw_mask
        self._crop, self._seed, self._exchange = config.crop_px, config.seed, config.exchange_colours

    def __getitem__(self, n: int) -> tuple[Tensor, Tensor]:
        """Cut image uint8 ``(3, S, S)`` and mask bool ``(1, S, S)`` of sample ``n``."""
        generator = np.random.Generator(np.random.Philox(key=self._seed, counter=[0, 0, n, 0]))
        levels = self._pack.pictures[int(generator.integers(len(self._pack.pictures)))]
        picture = self._pack.at(levels[int(generator.integers(len(levels)))])
        top, left = (generator.integers(side - self._crop + 1) for side in picture.shape[:2])
        crop = picture[top : top + self._crop, left : left + self._crop]
        if generator.random() < 0.5:
            crop = crop[:, ::-1]
        if self._exchange and generator.random() < self._exchange:
            crop = crop[..., generator.permutation(3)]
        mask = self._draw_mask(f"{self._seed}|{n}", self._crop, self._crop)
        return _tensor(crop.transpose(2, 0, 1)), _tensor(mask[None])


def _tensor(array: npt.NDArray[np.generic]) -> Tensor:
    return torch.from_numpy(np.array(array, order="C"))

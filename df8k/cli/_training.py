"""What the training core is given by the command: pictures, masks, validation."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import pyarrow as pa

import df8k
from df8k import masks, metrics
from df8k.baselines.base import Image, Mask
from df8k.baselines.training.config import TrainingConfig
from df8k.baselines.training.crops import Photograph
from df8k.baselines.training.validation import Validator
from df8k.dataset import Sample
from df8k.errors import DatasetError
from df8k.identity import keyed_hash
from df8k.images import SUFFIXES, decode
from df8k.storage.description import read_description
from df8k.storage.layout import Layout
from df8k.storage.manifest import MANIFEST, read_table

_HELD_BACK = 20  # of a plain folder every twentieth picture validates


@dataclass(frozen=True)
class Pictures:
    """Pictures of a training.

    Attributes:
        train: to learn from.
        validation: to choose the best weights by.
        about: what a weights file says of them.
    """

    train: list[Photograph]
    validation: list[Photograph]
    about: dict[str, str]


def gather(data: Path, extra: Sequence[Path], validate: Path | None = None) -> Pictures:
    """Find the pictures: of a dataset its train and validation splits, of a folder every picture.

    Extra pictures are all trained on, save those whose file a test picture of the dataset was made from. With
    ``validate`` all pictures of that folder validate, and none of them is trained on.

    Raises:
        DatasetError: there are none.
    """
    about = {"data": "folder"}
    refused: set[str] = set()
    if (data / "df8k.json").exists():
        train, validation = (
            [Photograph(sample.id, partial(_image_of, sample)) for sample in df8k.load(data, split=split)]
            for split in ("train", "validation")
        )
        columns = pa.schema([MANIFEST.field(name) for name in ("source_sha256", "split")])
        rows = read_table(Layout(data).manifest, columns)
        refused = {str(row["source_sha256"]) for row in rows if row["split"] == "test"}
        about = {"data": "dataset", "data_fingerprint": read_description(data).fingerprint}
    else:
        ordered = sorted(_files(data), key=lambda photograph: keyed_hash("validation", photograph.identity))
        held_back = 0 if validate is not None else max(1, len(ordered) // _HELD_BACK)
        train, validation = ordered[held_back:], ordered[:held_back]
    for folder in extra:
        train += [photograph for photograph in _files(folder) if photograph.identity not in refused]
    if validate is not None:
        validation = _files(validate)
        refused |= {photograph.identity for photograph in validation}
        train = [photograph for photograph in train if photograph.identity not in refused]
    train = list({photograph.identity: photograph for photograph in train}.values())
    if not train or not validation:
        raise DatasetError(
            f"{data} gives {len(train)} pictures to train on and {len(validation)} to validate with: "
            "at least one of each is needed"
        )
    listed = "\n".join(sorted(photograph.identity for photograph in train))
    about |= {"pictures": str(len(train)), "pictures_sha256": hashlib.sha256(listed.encode()).hexdigest()}
    return Pictures(train, validation, about)


def _image_of(sample: Sample) -> Image:
    return sample.image


def _files(folder: Path) -> list[Photograph]:
    paths = sorted(path for path in folder.rglob("*") if path.suffix.lower() in SUFFIXES and path.is_file())
    return [
        Photograph(hashlib.sha256(path.read_bytes()).hexdigest(), partial(_decoded, path)) for path in paths
    ]


def _decoded(path: Path) -> Image:
    return decode(path.read_bytes())


@dataclass(frozen=True)
class PresetMasks:
    """Draws masks of several presets with equal chance; a pure function of the key."""

    presets: tuple[str, ...]

    def __call__(self, key: str, height: int, width: int) -> Mask:
        """Bool ``(height, width)``, ``True`` = missing."""
        number = int.from_bytes(hashlib.sha256(f"preset|{key}".encode()).digest()[:4], "big")
        preset = self.presets[number % len(self.presets)]
        return masks.synthesize(aspect=(width, height), preset=preset, key=key).rasterize(width, height)


def validator(photographs: Sequence[Photograph], settings: TrainingConfig) -> Validator:
    """Measure a method on the validation pictures, one fixed mask of each preset."""

    def draw(preset: str, key: str, side: int) -> Mask:
        return masks.synthesize(aspect=(1, 1), preset=preset, key=key).rasterize(side, side)

    def error(output: Image, target: Image, mask: Mask) -> float | None:
        return metrics.compute(output, target, mask, names=["l1"])["l1.hole"]

    return Validator(photographs, settings, draw, error, _SlicedTexture)


class _SlicedTexture:
    """Sliced Wasserstein distance of all cases together."""

    def __init__(self) -> None:
        self._state = metrics.accumulate("swd")

    def update(self, output: Image, target: Image, mask: Mask, key: str) -> None:
        self._state.update(output, target, mask, key)

    def distance(self) -> float | None:
        return self._state.compute()["swd"].value

"""Versions of the protocol: what each says of the masks, and which of them a dataset is measured under."""

from typing import Final

from df8k.dataset import Dataset

from .sizes import SQUARES, Size, parse_sizes

# A dataset's format decides: format 1 has masks of whole images alone.
VERSIONS: Final = {
    1: "masks of whole images, cropped with them: a frame may hold more or less than the preset's band",
    2: "a mask for each frame, inside the preset's band there",
}


def version_of(dataset: Dataset) -> int:
    """Give the version of the protocol that a dataset is measured under."""
    return dataset.description.format_version


def describe_version(version: int) -> str:
    """Name a version in words."""
    return f"{version} ({VERSIONS.get(version, 'unknown to this df8k')})"


def headline_of(dataset: Dataset) -> Size | None:
    """Read the size that a board of a dataset shows first; ``None`` where the dataset leaves it open."""
    headline = dataset.description.configuration.headline
    return parse_sizes(headline)[0] if headline else None


def default_sizes(dataset: Dataset) -> tuple[Size, ...]:
    """Choose the sizes of an evaluation that names none: the papers' squares, and the headline."""
    headline = headline_of(dataset)
    return SQUARES if headline is None or headline in SQUARES else (*SQUARES, headline)


def declared_preset(dataset: Dataset) -> str:
    """Name the preset, with its version, of a split's masks; empty where they do not say."""
    vector = dataset[0].vector
    preset = "" if vector is None else vector.origin.get("preset", "")
    return preset if isinstance(preset, str) else ""

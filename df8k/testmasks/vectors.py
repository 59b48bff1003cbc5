"""Masks of a test image, from its row of ``metadata.parquet``."""

from collections.abc import Mapping
from typing import Any

from df8k import masks
from df8k.errors import DatasetError
from df8k.identity import keyed_hash

from .frames import STORED, Aspect, aspect_of, centre_crop, frame_name


def frame_mask(whole: masks.VectorMask, aspect: Aspect) -> masks.VectorMask:
    """Draw the mask of a frame: by the preset of the whole image's mask, keyed by that mask and the aspect.

    Args:
        whole: of the image.
        aspect: of the frame, in lowest terms; an image of this aspect keeps its one mask.

    Raises:
        DatasetError: the mask does not name its preset, as one made by hand.
        masks.MaskError: no drawing met the preset's rules.
    """
    if aspect == whole.aspect:
        return whole
    preset = whole.origin.get("preset")
    if not isinstance(preset, str):
        raise DatasetError(
            f"the mask {whole.sha256[:16]} names no preset, so none can be drawn for frames of "
            f"{frame_name(aspect)}: give sizes whose masks are stored"
        )
    return masks.synthesize(aspect=aspect, preset=preset, key=f"{whole.sha256}|{frame_name(aspect)}")


def has_frame_masks(row: Mapping[str, Any]) -> bool:
    """Tell whether an image has masks for frames, which datasets of format 1 lack."""
    return any(row.get(f"mask_{frame_name(aspect)}_json") is not None for aspect in STORED)


def mask_in_frame(row: Mapping[str, Any], width: int, height: int) -> masks.VectorMask:
    """Find the mask of an image in a frame: the stored one, or `frame_mask`.

    In a dataset of format 1 it is the crop of the whole image's mask, as it was measured then.

    Args:
        row: of an image with a mask; see `storage.manifest.METADATA`.
        width: of the frame, in any unit.
        height: of the frame, in the same unit.

    Raises:
        masks.MaskError: what is stored is no mask.
    """
    whole = masks.VectorMask.from_json(row["mask_json"])
    if not has_frame_masks(row):
        image = (int(row["width"]), int(row["height"]))
        return whole.crop(image, centre_crop(*image, width, height))
    aspect = aspect_of(width, height)
    stored = row.get(f"mask_{frame_name(aspect)}_json")
    return frame_mask(whole, aspect) if stored is None else masks.VectorMask.from_json(stored)


def masks_sha256(row: Mapping[str, Any]) -> str:
    """Hash the masks of an image for the fingerprint; empty without a mask.

    Args:
        row: see `storage.manifest.METADATA`.
    """
    whole: str = row.get("mask_sha256") or ""
    if not has_frame_masks(row):
        return whole  # as fingerprints of format 1 have it
    return keyed_hash(whole, *(row[f"mask_{frame_name(aspect)}_sha256"] for aspect in STORED))

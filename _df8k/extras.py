"""Extras of the package: what each one adds, and which one a module that is absent belongs to."""

import importlib.util
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True)
class Extra:
    """Packages that a purpose needs and the rest does without: ``pip install 'df8k[NAME]'``.

    Attributes:
        name: in brackets behind ``df8k``.
        modules: top-level modules that it brings beyond other extras, as code imports them.
        adds: what can be done with it, for `df8k doctor`.
    """

    name: str
    modules: tuple[str, ...]
    adds: str

    def missing(self) -> list[str]:
        """List the modules that are not installed; imports none of them."""
        return [module for module in self.modules if importlib.util.find_spec(module) is None]


EXTRAS: Final = (
    Extra(
        "networks",
        ("torch", "torchvision", "lpips", "torchmetrics"),
        "other forms and GPUs of rethined and hifill, TorchScript files, learned metrics, sets of features",
    ),
    Extra("site", ("altair", "vl_convert"), "the leaderboard's pages and drawings, figures of masks"),
    Extra("onnx", ("onnx", "onnxscript"), "export of networks to ONNX"),
    Extra("train", ("lightning_fabric", "tensorboard"), "training on several devices, its curves"),
    Extra("drive", ("gdown",), "photographs from Google Drive"),
    Extra("ray", ("ray",), "builds on a Ray cluster"),
    Extra("s3", ("s3fs",), "photographs from s3:// addresses"),
    Extra("gcs", ("gcsfs",), "photographs from gs:// addresses"),
    Extra("web", ("aiohttp",), "photographs from http:// folders"),
    Extra("heif", ("pillow_heif",), "HEIC photographs"),
    Extra("jxl", ("pillow_jxl",), "JPEG XL photographs"),
    Extra("raw", ("rawpy",), "camera RAW photographs"),
    Extra("tiff", ("imagecodecs",), "compressed 16-bit TIFF in planes, tiles or LAB"),
    Extra(
        "peers",
        ("gmic", "patchmatch_cython", "patchmatch", "resynthesizer"),
        "methods of other packages, to compare with",
    ),
    Extra("coreml", ("coremltools",), "export to Core ML"),
    Extra("litert", ("litert_torch",), "export to LiteRT (in an environment of its own)"),
)


class MissingExtraError(ModuleNotFoundError):
    """A package is absent that one of the extras installs; the message names the extra."""


def remedy(error: ModuleNotFoundError) -> str | None:
    """Write which package is absent and the command that installs it; ``None`` for one of no extra."""
    if isinstance(error, MissingExtraError):
        return str(error)
    module = (error.name or "").partition(".")[0]
    for extra in EXTRAS:
        if module in extra.modules:
            return f"{module} is not installed: pip install 'df8k[{extra.name}]'"
    return None


@contextmanager
def naming_extras(purpose: str, refused: type[Exception] = MissingExtraError) -> Iterator[None]:
    """Turn the absence of an extra's package into an error that names the extra.

    Args:
        purpose: who needs the package; begins the message.
        refused: class of the error.

    Raises:
        Exception: an instance of ``refused``. Modules of no extra stay `ModuleNotFoundError`.
    """
    try:
        yield
    except ModuleNotFoundError as error:
        message = remedy(error)
        if message is None:
            raise
        raise refused(message if isinstance(error, MissingExtraError) else f"{purpose}: {message}") from error

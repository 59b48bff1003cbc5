"""``croissant.json``: the dataset in MLCommons' Croissant 1.0, for search engines and loaders."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final

import pyarrow as pa

from _df8k.files import sha256_of
from df8k.curation.splits import SPLITS
from df8k.storage.description import Description
from df8k.storage.layout import Layout
from df8k.storage.manifest import METADATA

# The context that Croissant 1.0 prescribes (https://docs.mlcommons.org/croissant/docs/croissant-spec.html).
_TERMS: Final = (
    "citeAs column equivalentProperty extract field fileProperty fileObject fileSet format includes "
    "isLiveDataset jsonPath key md5 parentField path recordSet references regex repeated replace "
    "samplingRate separator source subField transform"
)
_CONTEXT: Final[dict[str, Any]] = {
    "@language": "en",
    "@vocab": "https://schema.org/",
    "cr": "http://mlcommons.org/croissant/",
    "dct": "http://purl.org/dc/terms/",
    "rai": "http://mlcommons.org/croissant/RAI/",
    "sc": "https://schema.org/",
    "conformsTo": "dct:conformsTo",
    "data": {"@id": "cr:data", "@type": "@json"},
    "dataType": {"@id": "cr:dataType", "@type": "@vocab"},
    "examples": {"@id": "cr:examples", "@type": "@json"},
    **{term: f"cr:{term}" for term in _TERMS.split()},
}
_TYPES: Final = {pa.string(): "sc:Text", pa.int32(): "sc:Integer", pa.float64(): "sc:Float"}
_ABOUT: Final = (
    "Photographs for ultra-high-definition image inpainting, split into train, validation and test, with "
    "fixed free-form masks for the test split. In a mask, 255 is missing and 0 is known."
)


def croissant(root: Path, description: Description, licences: Iterable[str]) -> dict[str, Any]:
    """Describe a dataset whose tables are written, in Croissant.

    Args:
        root: folder of the dataset.
        description: content of ``df8k.json``.
        licences: every licence that an image states.

    Returns:
        JSON-LD.
    """
    splits = [split for split in SPLITS if description.counts.get(split)]
    masked = [split for split in splits if split in description.configuration.masked]
    distribution = [entry for split in splits for entry in _files(root, split, masks=split in masked)]
    return {
        "@context": _CONTEXT,
        "@type": "sc:Dataset",
        "conformsTo": "http://mlcommons.org/croissant/1.0",
        "name": description.name,
        "description": f"{_ABOUT} Fingerprint: {description.fingerprint}.",
        "license": sorted(licences) or ["not stated"],
        "url": f"urn:df8k:{description.fingerprint}",
        "version": description.version,
        "distribution": distribution,
        "recordSet": [_records(split) for split in splits]
        + [_images(split, "image") for split in splits]
        + [_images(split, "mask") for split in masked],
    }


def _files(root: Path, split: str, *, masks: bool) -> list[dict[str, Any]]:
    table = Layout(root).metadata(split)
    entries = [
        {
            "@type": "cr:FileObject",
            "@id": f"{split}-table",
            "name": f"{split}-table",
            "contentUrl": table.relative_to(root).as_posix(),
            "contentSize": f"{table.stat().st_size} B",
            "encodingFormat": "application/x-parquet",
            "sha256": sha256_of(table),
        }
    ]
    kinds = ("images", "masks") if masks else ("images",)
    return entries + [
        {
            "@type": "cr:FileSet",
            "@id": f"{split}-{kind}",
            "name": f"{split}-{kind}",
            "encodingFormat": "image/png",
            "includes": f"{split}/{kind}/*.png",
        }
        for kind in kinds
    ]


def _records(split: str) -> dict[str, Any]:
    """Describe the rows of a split's table."""
    fields = [
        {
            "@type": "cr:Field",
            "@id": f"{split}/{column.name}",
            "name": f"{split}/{column.name}",
            "dataType": _TYPES[column.type],
            "source": {"fileObject": {"@id": f"{split}-table"}, "extract": {"column": column.name}},
        }
        for column in METADATA
    ]
    return {
        "@type": "cr:RecordSet",
        "@id": split,
        "name": split,
        "key": {"@id": f"{split}/id"},
        "field": fields,
    }


def _images(split: str, kind: str) -> dict[str, Any]:
    """Describe the images of a split, with the ID that their row has."""
    name, files = f"{split}-{kind}", {"@id": f"{split}-{kind}s"}
    return {
        "@type": "cr:RecordSet",
        "@id": name,
        "name": name,
        "field": [
            {
                "@type": "cr:Field",
                "@id": f"{name}/id",
                "name": f"{name}/id",
                "dataType": "sc:Text",
                "references": {"field": {"@id": f"{split}/id"}},
                "source": {
                    "fileSet": files,
                    "extract": {"fileProperty": "filename"},
                    "transform": {"regex": r"([0-9a-f]{16})\.png"},
                },
            },
            {
                "@type": "cr:Field",
                "@id": f"{name}/{kind}",
                "name": f"{name}/{kind}",
                "dataType": "sc:ImageObject",
                "source": {"fileSet": files, "extract": {"fileProperty": "content"}},
            },
        ],
    }

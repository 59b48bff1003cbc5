"""``df8k.json``: what a dataset is, in one small file."""

import platform
from collections.abc import Mapping
from difflib import get_close_matches
from importlib.metadata import version
from pathlib import Path
from typing import Annotated, Final

from pydantic import BaseModel, ConfigDict, Field

from _df8k.bounded import read_object, validated
from _df8k.store import remote
from df8k.config import BuildConfig
from df8k.errors import DatasetError

from .layout import Layout

# Format 1 has no masks of frames; see `testmasks`.
FORMAT_VERSION: Final = 2
_TOOLS: Final = ("df8k", "numpy", "pillow", "opencv-contrib-python-headless", "pyarrow")

_Hash = Annotated[str, Field(pattern="^[0-9a-f]{64}$")]
_Count = Annotated[int, Field(ge=0, le=2**31)]


class Description(BaseModel):
    """Content of ``df8k.json``.

    Attributes:
        format_version: version of the dataset's layout.
        configuration: see `BuildConfig`.
        inputs: hash over the candidates' file hashes.
        counts: images per split.
        decisions: candidates per decision and reason.
        tools: versions that the dataset was built with.
        fingerprint: see `identity.fingerprint`.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    format_version: int = FORMAT_VERSION
    name: str
    version: str
    configuration: BuildConfig
    inputs: _Hash
    counts: Mapping[Annotated[str, Field(pattern="^(train|validation|test)$")], _Count]
    decisions: Mapping[str, _Count]
    tools: Mapping[str, str]
    fingerprint: _Hash


def tool_versions() -> dict[str, str]:
    """List the versions of whatever may decide a pixel."""
    return {"python": platform.python_version()} | {name: version(name) for name in _TOOLS}


def read_description(root: Path) -> Description:
    """Read a dataset's ``df8k.json``.

    Raises:
        DatasetError: there is no dataset at ``root``, or its build was not finished.
    """
    layout = Layout(root)
    if not root.exists():
        folder = root.absolute().parent
        names = [path.name for path in folder.iterdir()] if remote(root) is None and folder.is_dir() else []
        near = get_close_matches(root.name, names, n=1)
        hint = f": did you mean {root.with_name(near[0])}?" if near else ""
        raise DatasetError(f"{root} does not exist{hint}")
    if not layout.description.is_file():
        state = (
            "an unfinished build: run the same df8k build again" if layout.work.is_dir() else "not a dataset"
        )
        raise DatasetError(f"{root} has no {layout.description.name}: it is {state}")
    content = read_object(layout.description, DatasetError)
    description = validated(Description, content, str(layout.description), DatasetError)
    if not 1 <= description.format_version <= FORMAT_VERSION:
        raise DatasetError(
            f"{root} has format {description.format_version}, "
            f"this df8k reads 1 to {FORMAT_VERSION}: use one that fits"
        )
    return description

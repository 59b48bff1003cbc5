"""The configuration of a build: everything that decides the dataset's content, and nothing else."""

import tomllib
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from .errors import BuildError
from .identity import keyed_hash

Share = Annotated[float, Field(ge=0, le=1)]


class SplitShares(BaseModel):
    """Shares of the three splits (RETHINED, section 4: 70/10/20); they must add up to 1."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    train: Share = 0.7
    validation: Share = 0.1
    test: Share = 0.2

    def model_post_init(self, _context: Any, /) -> None:
        """Check the sum."""
        total = self.train + self.validation + self.test
        if abs(total - 1) > 1e-9:
            raise ValueError(f"the split shares add up to {total:g}, not to 1")


class BuildConfig(BaseModel):
    """What a dataset is made of; worker count and engine are absent because they must not matter.

    Attributes:
        name: the dataset's name.
        version: enters every seed: a new version has new masks and new splits.
        preset: mask preset of the test split, see ``df8k masks presets``.
        min_side: smallest short side in pixels.
        limit: keep this many images, the first in an order keyed by file content; ``None`` keeps all.
        splits: shares of the splits.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = Field(default="df8k-inpainting", pattern=r"^[a-z0-9][a-z0-9._-]{0,63}$")
    version: str = Field(default="1", pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,31}$")
    preset: str = "df8k"
    min_side: int = Field(default=1024, ge=1)
    limit: int | None = Field(default=None, ge=1)
    splits: SplitShares = SplitShares()

    @property
    def digest(self) -> str:
        """Hex hash of the configuration; two builds with the same digest and inputs are the same dataset."""
        return keyed_hash("build configuration", self.model_dump_json())


def read_config(path: Path | None, **overrides: object) -> BuildConfig:
    """Read a TOML configuration; ``overrides`` that are not None win over the file.

    Raises:
        BuildError: the file is not TOML, or a key is unknown or out of range; every fault is listed.
    """
    values: dict[str, object] = {}
    if path is not None:
        try:
            values = tomllib.loads(path.read_text(encoding="utf-8"))
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            raise BuildError(f"{path} is not a TOML file: {error}") from error
    values |= {key: value for key, value in overrides.items() if value is not None}
    try:
        return BuildConfig.model_validate(values)
    except ValidationError as error:
        faults = "; ".join(
            f"{'.'.join(map(str, fault['loc'])) or 'configuration'}: {fault['msg']}"
            for fault in error.errors()
        )
        raise BuildError(f"{path or 'the options'}: {faults}") from error

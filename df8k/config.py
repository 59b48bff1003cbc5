"""The configuration of a build: everything that decides the dataset's content, and nothing else."""

from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from _df8k.bounded import read_limited, read_toml

from .checks import complete
from .errors import BuildError
from .identity import keyed_hash

Fraction = Annotated[float, Field(ge=0, le=1)]
# An image's ID, or the SHA-256 of a source file.
Name = Annotated[str, Field(pattern=r"^([0-9a-f]{16}|[0-9a-f]{64})$")]
ImageId = Annotated[str, Field(pattern=r"^[0-9a-f]{16}$")]
Split = Literal["train", "validation", "test"]


class SplitFractions(BaseModel):
    """Fractions of the three splits (RETHINED, section 4: 70/10/20); they must add up to 1."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    train: Fraction = 0.7
    validation: Fraction = 0.1
    test: Fraction = 0.2

    def model_post_init(self, _context: Any, /) -> None:
        """Check the sum."""
        total = self.train + self.validation + self.test
        if abs(total - 1) > 1e-9:
            raise ValueError(f"the split shares add up to {total:g}, not to 1")


class NearDuplicates(BaseModel):
    """Limits of a near-duplicate, see `df8k.curation.likeness`.

    Attributes:
        distance: largest Hamming distance of the 64-bit hashes of a pair that is compared.
        correlation: smallest correlation of the thumbnails of a pair that is one.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    distance: int = Field(default=12, ge=0, le=64)
    correlation: float = Field(default=0.7, gt=0, le=1)


class BuildConfig(BaseModel):
    """Everything that a dataset is made of; worker count and engine are absent because they must not matter.

    Attributes:
        name: the dataset's name.
        version: enters every seed: a new version has new masks and new splits.
        preset: mask preset of the test split, see ``df8k masks presets``.
        min_side: smallest short side in pixels.
        min_bytes: smallest file.
        max_bytes: largest file.
        limit: keep this many images, the first in an order keyed by file content; ``None`` keeps all.
        splits: fractions of the splits.
        assigned: split → IDs of images that belong to it; the fractions are of the other images.
        split_key: starts the keys that divide the other images; empty for one that follows from the version.
        masked: splits whose images get masks; only these can be evaluated.
        headline: the size that a board shows first, such as ``native``; empty to let it choose.
        curation: limits per check of `df8k.checks`, completed with the defaults; ``None`` checks nothing
            but the resolution.
        near_duplicates: ``None`` removes exact duplicates alone.
        keep: IDs or SHA-256 of source files that a person kept, whatever the checks say.
        drop: likewise, what a person dropped.
        redistributable: take only images that may be passed on, see `df8k.curation.licences`.
        selection: ``content`` keeps the first in an order keyed by file content, ``quality`` examines all and
            keeps the best, see `df8k.curation.decisions.quality`.
        quotas: source → most images that are kept of it; a source without one gives all. Needs ``quality``.
        recipe: SHA-256 of the recipe file; empty without one.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = Field(default="df8k-inpainting", pattern=r"^[a-z0-9][a-z0-9._-]{0,63}$")
    version: str = Field(default="2", pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,31}$")
    preset: str = "df8k"
    min_side: int = Field(default=1024, ge=1)
    min_bytes: int = Field(default=0, ge=0)
    max_bytes: int = Field(default=1_600_000_000, ge=1)
    limit: int | None = Field(default=None, ge=1)
    splits: SplitFractions = SplitFractions()
    assigned: Mapping[Split, tuple[ImageId, ...]] = Field(default_factory=dict)
    masked: tuple[Split, ...] = ("test",)
    split_key: str = Field(default="", pattern=r"^[A-Za-z0-9._-]{0,63}$")
    headline: str = Field(default="", pattern=r"^(native|[1-9]\d{0,5}(x[1-9]\d{0,5})?)?$")
    curation: Mapping[str, Mapping[str, Any]] | None = None
    near_duplicates: NearDuplicates | None = None
    keep: tuple[Name, ...] = ()
    drop: tuple[Name, ...] = ()
    redistributable: bool = False
    selection: Literal["content", "quality"] = "content"
    quotas: Mapping[str, Annotated[int, Field(ge=1)]] = Field(default_factory=dict)
    recipe: str = ""

    def model_post_init(self, _context: Any, /) -> None:
        """Check what concerns several keys."""
        if self.quotas and self.selection != "quality":
            raise ValueError('quotas need selection = "quality"')
        named = Counter(name for names in self.assigned.values() for name in names)
        if double := sorted(name for name, count in named.items() if count > 1):
            raise ValueError(f"assigned names {double[0]} in two splits")

    @field_validator("curation")
    @classmethod
    def _complete(
        cls, limits: Mapping[str, Mapping[str, Any]] | None
    ) -> Mapping[str, Mapping[str, Any]] | None:
        return None if limits is None else complete(limits)

    @field_validator("keep", "drop")
    @classmethod
    def _sorted(cls, names: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(sorted(set(names)))

    @field_validator("assigned")
    @classmethod
    def _ordered(cls, names: Mapping[Split, tuple[str, ...]]) -> Mapping[Split, tuple[str, ...]]:
        return {split: tuple(sorted(set(ids))) for split, ids in sorted(names.items())}

    @property
    def checks(self) -> dict[str, dict[str, Any]]:
        """Every check's limits as they are applied."""
        if self.curation is None:
            checks = complete({name: {"off": True} for name in complete({}) if name != "resolution"})
        else:
            checks = {name: dict(limits) for name, limits in self.curation.items()}
        if not checks["resolution"].get("off") and not checks["resolution"]["min_side"]:
            checks["resolution"]["min_side"] = self.min_side
        return checks

    @property
    def digest(self) -> str:
        """Hex hash of the configuration; two builds with the same digest and inputs are the same dataset."""
        return keyed_hash("build configuration", self.model_dump_json())


CURATED: Mapping[str, Any] = {"curation": {}, "near_duplicates": {}}


def read_config(path: Path | None, **overrides: object) -> BuildConfig:
    """Read a TOML configuration; ``overrides`` that are not None win over the file.

    A file says itself whether photographs are curated: a table ``[curation]``, which may be empty, turns
    every check on, and ``[near_duplicates]`` the search for these.

    Raises:
        BuildError: the file is not TOML, or a key is unknown or out of range; every fault is listed.
    """
    values: dict[str, object] = {}
    if path is not None:
        values = read_toml(
            read_limited(path, BuildError), str(path), BuildError, finding="is not a TOML file"
        )
    values |= {key: value for key, value in overrides.items() if value is not None}
    try:
        return BuildConfig.model_validate(values)
    except ValidationError as error:
        raise BuildError(f"{path or 'the options'}: {describe_faults(error)}") from error


def describe_faults(error: ValidationError) -> str:
    """Put every fault of a configuration on one line."""
    return "; ".join(
        f"{'.'.join(map(str, fault['loc'])) or 'configuration'}: {fault['msg']}" for fault in error.errors()
    )


def read_names(path: Path | None) -> tuple[str, ...] | None:
    """Read an override file: one ID or source SHA-256 a line, ``#`` starts a comment.

    Returns:
        the names; ``None`` without a path.

    Raises:
        BuildError: the file is not text; what it names is checked with the configuration.
    """
    if path is None:
        return None
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except UnicodeDecodeError as error:
        raise BuildError(f"{path} is not a text file: {error}") from error
    return tuple(name for line in lines if (name := line.partition("#")[0].strip()))

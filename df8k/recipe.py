"""Recipes: a dataset as data. A recipe and its version say what is built, from what, by which rules."""

from collections.abc import Iterator, Mapping
from hashlib import sha256
from importlib.resources import files
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from _df8k.bounded import read_limited, read_toml

from .config import BuildConfig, describe_faults
from .errors import BuildError, SourceError
from .sources import Candidate, open_source


class RecipeSource(BaseModel):
    """Collection that a recipe draws from.

    Attributes:
        name: how ``--source NAME=FOLDER`` calls it.
        title: for people.
        licence: of images without a licence of their own in ``CREDITS.csv``.
        terms: where the terms stand that one accepts by fetching the images; empty when there are none.
        obtain: where the images are.
        size: how much there is, as far as it is known.
        fetch: SPEC that fetches them, see `df8k.sources`; empty when a person has to.
        quota: keep at most this many; ``None`` for all.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = Field(pattern=r"^[a-z0-9][a-z0-9-]*$")
    title: str
    licence: str
    terms: str = ""
    obtain: str
    size: str = "not stated"
    fetch: str = ""
    quota: int | None = Field(default=None, ge=1)


class Recipe(BaseModel):
    """Content of a recipe file.

    Attributes:
        name: the dataset's name.
        version: enters every seed.
        summary: one line.
        decided: what the description of the dataset leaves open, and how it is decided here.
        build: see `BuildConfig`; its name, version and quotas follow from the recipe.
        sources: in the order in which they are listed to people.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    version: str
    summary: str
    decided: tuple[str, ...] = ()
    build: Mapping[str, Any] = Field(default_factory=dict)
    sources: tuple[RecipeSource, ...] = Field(min_length=1)
    digest: str = ""

    def config(self, **overrides: object) -> BuildConfig:
        """Make the build's configuration; ``overrides`` that are not None win.

        Raises:
            BuildError: a key is unknown or out of range; every fault is listed.
        """
        quotas = {source.name: source.quota for source in self.sources if source.quota is not None}
        values = {"name": self.name, "version": self.version, "recipe": self.digest, "quotas": quotas}
        values |= dict(self.build) | {key: value for key, value in overrides.items() if value is not None}
        try:
            return BuildConfig.model_validate(values)
        except ValidationError as error:
            raise BuildError(f"recipe {self.name}: {describe_faults(error)}") from error

    def candidates(self, folders: Mapping[str, str], accepted: frozenset[str]) -> Iterator[Candidate]:
        """List the candidates of the sources that were fetched.

        Args:
            folders: source name → folder that holds its images, or any SPEC; empty to fetch them.
            accepted: names of the sources whose terms were accepted.

        Raises:
            SourceError: an unknown source, a folder that cannot be read, or terms that were not accepted.
        """
        known = {source.name: source for source in self.sources}
        for name in folders:
            if name not in known:
                raise SourceError(f"recipe {self.name} has no source {name!r}: it has {', '.join(known)}")
        refused = [known[name] for name in folders if known[name].terms and name not in accepted]
        if refused:
            terms = "; ".join(f"{source.name}: {source.licence}, {source.terms}" for source in refused)
            option = " ".join(f"--accept-license {source.name}" for source in refused)
            raise SourceError(f"these sources have terms to accept: {terms}. When you do, add {option}")
        specs = {name: spec or known[name].fetch for name, spec in sorted(folders.items())}
        if manual := [known[name] for name, spec in specs.items() if not spec]:
            where = "; ".join(f"{source.name} from {source.obtain}" for source in manual)
            raise SourceError(f"fetch {where}, then give --source NAME=FOLDER")
        opened = [open_source(spec, name=name, licence=known[name].licence) for name, spec in specs.items()]
        for source in opened:
            yield from source


def names() -> list[str]:
    """List the recipes that come with the package."""
    entries = files("df8k").joinpath("recipes").iterdir()
    return sorted(entry.name.removesuffix(".toml") for entry in entries if entry.name.endswith(".toml"))


def read_recipe(name: str) -> Recipe:
    """Read a recipe by its name, or from a file.

    Raises:
        BuildError: there is none, it is not TOML, or a key is unknown or out of range.
    """
    path = Path(name)
    if name in names():
        data = files("df8k").joinpath("recipes", f"{name}.toml").read_bytes()
    elif path.is_file():
        data = read_limited(path, BuildError)
    else:
        raise BuildError(f"no recipe is called {name!r}, and it is no file: known are {', '.join(names())}")
    content = read_toml(data, f"recipe {name}", BuildError, finding="is not TOML")
    try:
        recipe = Recipe.model_validate(content | {"digest": sha256(data).hexdigest()})
    except ValidationError as error:
        raise BuildError(f"recipe {name}: {describe_faults(error)}") from error
    recipe.config()  # a recipe whose build is wrong is refused when it is read
    return recipe

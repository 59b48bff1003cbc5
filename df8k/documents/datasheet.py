"""The datasheet: what the build can answer, and the questions that are left to the maker, marked."""

from importlib.resources import files

from jinja2 import Environment, StrictUndefined

from df8k.storage.description import Description
from df8k.storage.manifest import METADATA

from .facts import Facts
from .markdown import cell


def datasheet(description: Description, facts: Facts) -> str:
    """Write the text of the datasheet, Markdown.

    The questions are those of T. Gebru et al., "Datasheets for Datasets", CACM 64(12), 2021.

    Args:
        description: content of ``df8k.json``.
        facts: of the dataset.
    """
    configuration = description.configuration
    person = configuration.checks["person"]
    pixels = [width * height / 1e6 for width, height in facts.sizes]
    total = len(facts.sizes)
    splits = configuration.splits
    template = files("df8k").joinpath("templates", "datasheet.md").read_text(encoding="utf-8")
    environment = Environment(undefined=StrictUndefined, keep_trailing_newline=True, autoescape=False)  # noqa: S701 - Markdown, escaped by `cell`
    return environment.from_string(template).render(
        d=description,
        facts=facts,
        total=total,
        examined=sum(description.decisions.values()),
        smallest=min(pixels),
        largest=max(pixels),
        columns=", ".join(f"`{name}`" for name in METADATA.names),
        unnamed=total - facts.authors,
        unlicensed=facts.licences.get("not stated", 0),
        fractions=f"{splits.train:.0%} train, {splits.validation:.0%} validation, {splits.test:.0%} test",
        detector="" if person.get("off") else person["detector"],
        persons=description.decisions.get("reject: person", 0),
        sources=", ".join(f"{cell(name)} ({count})" for name, count in sorted(facts.sources.items())),
        licences=[(cell(name), count) for name, count in sorted(facts.licences.items())],
    )

"""Say what a whole site is of: data, versions, days, pages; every page has it in its head and foot."""

from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import metadata
from typing import Final

from df8k.leaderboard.latency.results import LatencyResult
from df8k.leaderboard.results.schema import Provenance, Result

_REPOSITORY: Final = ("repository", "source")


@dataclass(frozen=True)
class Link:
    """Entry of the site's navigation.

    Attributes:
        text: what it says.
        page: below the folder of ``index.html``.
    """

    text: str
    page: str


@dataclass(frozen=True)
class SiteFacts:
    """Facts of a site that do not depend on when it is built.

    Attributes:
        version: of the package that builds it.
        repository: where the package is developed, if its metadata say so.
        datasets: names and versions of what was measured on.
        versions: of the package that measured.
        dates: the day of the measurements, or the first and the last; empty where results do not tell.
        has_board: whether there are results of quality.
        links: the navigation.
    """

    version: str
    repository: str | None
    datasets: str
    versions: str
    dates: str
    has_board: bool
    links: Sequence[Link]


def site_facts(results: Sequence[Result], latency: Sequence[LatencyResult], *, comparable: bool) -> SiteFacts:
    """Collect the facts.

    Args:
        results: of quality.
        latency: of `df8k latency`.
        comparable: whether there are pages that compare two methods.
    """
    package = metadata("df8k")
    made: list[Provenance] = [result.provenance for result in results]
    made += [result.provenance for result in latency]
    links = [Link("Leaderboard", "index.html")] if results else []
    links += [Link("Compare", "pages/compare.html")] if comparable else []
    links += [Link("Images", "pages/images.html")] if results else []
    links += [Link("Latency", "latency.html")] if latency else []
    if results:
        pages = (
            ("Dataset", "dataset"),
            ("Protocol", "protocol"),
            ("Papers", "papers"),
            ("Downloads", "downloads"),
        )
        links += [Link(text, f"pages/{name}.html") for text, name in pages]
    return SiteFacts(
        version=package["Version"],
        repository=_repository(package.get_all("Project-URL") or []),
        datasets=", ".join(sorted({f"{result.dataset.name} {result.dataset.version}" for result in results})),
        versions=", ".join(sorted({provenance.df8k_version for provenance in made})),
        dates=_span([provenance.date for provenance in made if provenance.date is not None]),
        has_board=bool(results),
        links=[*links, Link("Try it", "pages/edge/index.html")],
    )


def _repository(entries: Sequence[str]) -> str | None:
    """Find the address among entries such as ``Repository, https://...``."""
    named = dict(entry.split(", ", 1) for entry in entries if ", " in entry)
    return next((url for label, url in named.items() if label.lower() in _REPOSITORY), None)


def _span(dates: Sequence[str]) -> str:
    first, last = min(dates, default=""), max(dates, default="")
    return first if first == last else f"{first} to {last}"

"""The part of a site that shows latency results: a page, tables, plots and the raw results."""

import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from _df8k.files import write_bytes, write_text
from leaderboard.errors import LeaderboardError
from leaderboard.latency.results import LatencyResult, RunRow, read_samples, samples_path
from leaderboard.latency.validate import read_accepted_latency
from leaderboard.results.schema import Method, Result

from . import grid
from . import latency_plots as plots
from . import latency_tables as tables
from .plots import png, svg

# Renders a template: its name, the relative link to the site's root, and what it shows.
Render = Callable[..., str]


@dataclass(frozen=True)
class LatencyPart:
    """Accepted latency results of a site.

    Attributes:
        paths: LATENCY.json files.
        results: their content.
    """

    paths: Sequence[Path]
    results: Sequence[LatencyResult]

    @classmethod
    def read(cls, paths: Sequence[Path]) -> "LatencyPart":
        """Read and check them.

        Raises:
            LeaderboardError: one is not accepted, or two are of the same method.
        """
        results = [read_accepted_latency(path) for path in paths]
        seen: dict[str, Path] = {}
        for path, result in zip(paths, results, strict=True):
            if result.method.name in seen:
                raise LeaderboardError(
                    f"{path} and {seen[result.method.name]} both measure the latency of "
                    f"{result.method.name}: give one"
                )
            seen[result.method.name] = path
        return cls(paths, results)

    def write_raw(self, folder: Path, slug: Callable[[str], str]) -> None:
        """Copy the results and their runs."""
        folder.mkdir(exist_ok=True)
        for path, result in zip(self.paths, self.results, strict=True):
            name = f"latency-{slug(result.method.name)}"
            shutil.copyfile(path, folder / f"{name}.json")
            shutil.copyfile(samples_path(path), folder / f"{name}.parquet")

    def write_plots(self, folder: Path) -> list[str]:
        """Draw them as SVG and PNG; returns the names."""
        folder.mkdir(exist_ok=True)
        charts: dict[str, Any] = {
            "latency-ladder": plots.ladder(self.results),
            "memory-ladder": plots.ladder(self.results, "memory"),
        }
        if any(result.by_hole is not None for result in self.results):
            charts["latency-areas"] = plots.areas(self.results, self._samples)
        for name, chart in charts.items():
            drawing = svg(chart)
            (folder / f"{name}.svg").write_text(drawing, encoding="utf-8")
            (folder / f"{name}.png").write_bytes(png(drawing))
        return list(charts)

    def _samples(self, result: LatencyResult) -> list[RunRow]:
        place = next(index for index, found in enumerate(self.results) if found is result)
        return read_samples(samples_path(self.paths[place]))

    def write_top(self, out: Path, render: Render, names: Sequence[str], scored: Sequence[Result]) -> Path:
        """Write ``latency.{html,md,tex,csv,json,svg,png}``.

        Args:
            out: folder of the site.
            render: see `Render`.
            names: of the plots.
            scored: results of quality on the same site: they say which artefacts were scored.

        Returns:
            The page.
        """
        ladder = tables.ladder_grid(self.results, partial(_scored, [found.method for found in scored]))
        scaling = tables.scaling_grid(self.results)
        write_text(out / "latency.md", f"{grid.markdown(ladder)}\n{grid.markdown(scaling)}")
        write_text(out / "latency.tex", f"{grid.latex(ladder)}\n{grid.latex(scaling)}")
        write_text(out / "latency.csv", tables.comma_separated(self.results))
        write_text(out / "latency.json", tables.as_json(self.results))
        for suffix in ("svg", "png"):
            drawn = (out / "pages" / "plots" / f"latency-ladder.{suffix}").read_bytes()
            write_bytes(out / f"latency.{suffix}", drawn)
        page = render(
            "latency.html.jinja",
            "",
            ladder=ladder,
            scaling=scaling,
            remarks=tables.remarks(self.results),
            about=[tables.about(result) for result in self.results],
            plots=names,
            results=self.results,
        )
        write_text(out / "latency.html", page)
        return out / "latency.html"


def _scored(methods: Sequence[Method], timed: Method) -> bool:
    """Whether the very artefact that was timed is scored: speed of one beside quality of another misleads."""
    return any(
        (found.name, found.version, found.weights_sha256, found.settings)
        == (timed.name, timed.version, timed.weights_sha256, timed.settings)
        for found in methods
    )

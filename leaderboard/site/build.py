"""From result files to everything that is shown: tables, plots and a site that opens from the disk."""

import shutil
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Final
from uuid import uuid4

from _df8k.files import write_bytes, write_text
from df8k.dataset import Dataset, Sample
from leaderboard.audit.comparable import check_dataset, check_one_table
from leaderboard.audit.validate import read_accepted
from leaderboard.errors import LeaderboardError
from leaderboard.latency.results import LatencyResult, is_latency
from leaderboard.protocol.sizes import RANKED_BY
from leaderboard.results.per_image import read_arrays
from leaderboard.results.schema import Result, per_image_path
from leaderboard.statistics import groups as bins

from . import grid, pictures, plots, reported, tables
from .board import Entry, rank
from .latency_page import LatencyPart
from .pages import Pages, command, render, slug
from .submissions import schema

# Everything but the board itself; made afresh by each build, so it must be recognised as ours.
_PAGES: Final = "pages"
_MARK: Final = "made-by-df8k.txt"


@dataclass(frozen=True)
class Site:
    """What was written.

    Attributes:
        page: the HTML page to open.
        entries: rows of the board.
        latency: latency results, which have no rank.
    """

    page: Path
    entries: list[Entry]
    latency: Sequence[LatencyResult] = ()


def build_site(
    results: Sequence[Path],
    out: Path,
    *,
    dataset: Dataset | None = None,
    predictions: Mapping[str, Path] | None = None,
    workers: int = 1,
) -> Site:
    """Write the leaderboard of several results.

    Args:
        results: RESULT.json files, and LATENCY.json files, each with its parquet file beside it. Latency
            results go to ``latency.{html,md,tex,csv,json,svg,png}``; alone, they make the whole site.
        out: folder for ``index.html``, ``leaderboard.{md,tex,csv,json,svg,png}`` and ``pages``, which holds
            every other page, table, plot, crop and the raw results, and is replaced as a whole.
        dataset: the dataset that was measured; its pictures and licences are shown.
        predictions: name of a method → folder of its filled pictures ``SIZE/ID.png``; besides these,
            ``RESULT.predictions`` beside a result is taken. They are shown when ``dataset`` is given.
        workers: threads that draw plots and encode pictures; the site does not depend on it.

    Raises:
        LeaderboardError: no results, one that the board does not accept, two of the same method, another
            dataset, or ``out/pages`` is a folder of something else.
        OSError: a file cannot be written.
    """
    latency = LatencyPart.read([path for path in results if is_latency(path)])
    results = [path for path in results if path not in latency.paths]
    if latency.paths and not results:
        return _build_latency(latency, out)
    accepted = [read_accepted(path) for path in results]
    _refuse_unlike(results, accepted)
    if dataset is not None:
        check_dataset(results[0], accepted[0], dataset)
    folders = _prediction_folders(results, accepted, predictions or {})
    arrays = [read_arrays(path, result) for path, result in zip(results, accepted, strict=True)]
    entries = rank(accepted, arrays)
    with _replaced(out / _PAGES) as folder:
        _write_results(folder / "results", results, accepted)
        _write_tables(folder / "tables", entries)
        drawn = _write_plots(folder / "plots", entries, workers)
        timed = _write_latency(latency, folder)
        pages = Pages(entries, has_latency=bool(latency.paths))
        viewers = {} if dataset is None else _write_pictures(folder, dataset, pages, folders, workers)
        _write_pages(folder, pages, dataset, viewers, drawn)
    write_text(out / "leaderboard.md", tables.markdown(entries))
    write_text(out / "leaderboard.tex", tables.latex(entries))
    write_text(out / "leaderboard.csv", tables.comma_separated(entries))
    write_text(out / "leaderboard.json", tables.as_json(entries))
    drawing = _main_plot(entries)
    write_text(out / "leaderboard.svg", drawing)
    write_bytes(out / "leaderboard.png", plots.png(drawing))
    write_text(out / "index.html", pages.index())
    if latency.paths:
        shown = partial(render, has_board=True, has_latency=True)
        latency.write_top(out, shown, timed, accepted)
    return Site(out / "index.html", entries, latency.results)


def _write_latency(latency: LatencyPart, folder: Path) -> list[str]:
    """Raw results and plots of latency; returns the names of the plots."""
    if not latency.paths:
        return []
    latency.write_raw(folder / "results", slug)
    return latency.write_plots(folder / "plots")


def _build_latency(latency: LatencyPart, out: Path) -> Site:
    """A site of latency results alone."""
    with _replaced(out / _PAGES) as folder:
        timed = _write_latency(latency, folder)
    shown = partial(render, has_board=False, has_latency=True)
    page = latency.write_top(out, shown, timed, [])
    write_bytes(out / "index.html", page.read_bytes())
    return Site(out / "index.html", [], latency.results)


def _refuse_unlike(paths: Sequence[Path], results: Sequence[Result]) -> None:
    """Refuse results that may not be ranked together, and two of one method at one size."""
    if not results:
        raise LeaderboardError("no results: give at least one RESULT.json")
    check_one_table(
        paths, results, same_images=True, remedy="give results of the same images, protocol and metrics"
    )
    seen: dict[tuple[str, int | str], Path] = {}
    for path, result in zip(paths, results, strict=True):
        for size_result in result.sizes:
            key = (result.method.name, size_result.size)
            if key in seen:
                raise LeaderboardError(
                    f"{path} and {seen[key]} both measure {key[0]} at size {key[1]}: give one"
                )
            seen[key] = path


def _prediction_folders(
    paths: Sequence[Path], results: Sequence[Result], given: Mapping[str, Path]
) -> dict[str, Path]:
    names = [result.method.name for result in results]
    if unknown := sorted(given.keys() - set(names)):
        raise LeaderboardError(
            f"pictures are given for {', '.join(unknown)}, the results are of {', '.join(sorted(names))}"
        )
    folders = {}
    for path, name in zip(paths, names, strict=True):
        folder = given.get(name, pictures.predictions_path(path))
        if folder.is_dir():
            folders[slug(name)] = folder
        elif name in given:
            raise LeaderboardError(f"{folder} is no folder: give the one that holds SIZE/ID.png of {name}")
    return folders


@contextmanager
def _replaced(folder: Path) -> Iterator[Path]:
    """A new folder that takes the place of ``folder`` when all of it is written."""
    if folder.exists() and not (folder / _MARK).is_file():
        raise LeaderboardError(f"{folder} was not made by this command: give another --out, or remove it")
    fresh = folder.with_name(f".{folder.name}-{uuid4().hex}")
    fresh.mkdir(parents=True)
    try:
        (fresh / _MARK).write_text("Made by df8k leaderboard build, which replaces this folder as a whole.\n")
        yield fresh
        if folder.exists():
            shutil.rmtree(folder)
        fresh.rename(folder)
    finally:
        shutil.rmtree(fresh, ignore_errors=True)


def _write_results(folder: Path, paths: Sequence[Path], results: Sequence[Result]) -> None:
    folder.mkdir()
    for path, result in zip(paths, results, strict=True):
        name = slug(result.method.name)
        shutil.copyfile(path, folder / f"{name}.json")
        shutil.copyfile(per_image_path(path), folder / f"{name}.parquet")
    (folder / "schema.json").write_text(schema(), encoding="utf-8")


def _write_tables(folder: Path, entries: Sequence[Entry]) -> None:
    """One table per size, one per metric, and the papers' own."""
    folder.mkdir()
    grids = {
        f"size-{size}": tables.board_grid([entry for entry in entries if entry.size == size])
        for size in dict.fromkeys(entry.size for entry in entries)
    }
    for column in Pages(entries).shown:
        grids[f"metric-{slug(column.key.replace('.', '-'))}"] = tables.metric_grid(entries, column)
    for size in dict.fromkeys(entry.size for entry in entries):
        of_size = [entry for entry in entries if entry.size == size]
        ranked = next((column for column in Pages(of_size).shown if column.key == RANKED_BY), None)
        for split in bins.GROUPINGS if ranked else ():
            if ranked and (found := tables.bins_grid(of_size, split, ranked)):
                grids[f"bins-{split}-{size}"] = found
    for table in reported.tables(reported.read_reported()):
        grids[f"reported-{slug(table.source.split(' ')[0].lower())}"] = tables.reported_grid(table)
    for name, found in grids.items():
        (folder / f"{name}.md").write_text(grid.markdown(found), encoding="utf-8")
        (folder / f"{name}.tex").write_text(grid.latex(found), encoding="utf-8")
        (folder / f"{name}.csv").write_text(grid.comma_separated(found), encoding="utf-8")


def _write_plots(folder: Path, entries: Sequence[Entry], workers: int) -> list[str]:
    """Every plot as SVG and PNG; returns their names."""
    folder.mkdir()
    charts: dict[str, Any] = {}
    for quantity in ("latency", "memory"):
        charts[f"{quantity}-by-size"] = plots.against_resolution(entries, quantity)
    for size in dict.fromkeys(entry.size for entry in entries):
        of_size = [entry for entry in entries if entry.size == size]
        for column in Pages(of_size).shown:
            name = f"{column.key.replace('.', '-')}-{size}"
            charts[f"latency-{name}"] = plots.quality_against_latency(of_size, column)
            if column.key == RANKED_BY:
                charts[f"ties-{name}"] = plots.tie_diagram(of_size, column)
                charts[f"images-{name}"] = plots.distribution(of_size, column)

    def draw(name: str) -> None:
        drawing = plots.svg(charts[name])
        (folder / f"{name}.svg").write_text(drawing, encoding="utf-8")
        (folder / f"{name}.png").write_bytes(plots.png(drawing))

    with ThreadPoolExecutor(workers) as pool:
        # The list waits for all of them and raises what one of them raised.
        list(pool.map(draw, charts))
    return list(charts)


def _main_plot(entries: Sequence[Entry]) -> str:
    """The plot of the size that most methods were scored at; of equals, the largest."""
    size = Pages(entries).start
    of_size = [entry for entry in entries if entry.size == size]
    shown = Pages(of_size).shown
    column = next((found for found in shown if found.key == RANKED_BY), shown[0] if shown else None)
    if column is None:
        return plots.svg(plots.against_resolution(entries, "latency"))
    return plots.svg(plots.quality_against_latency(of_size, column))


def _write_pictures(
    folder: Path, dataset: Dataset, pages: Pages, predictions: Mapping[str, Path], workers: int
) -> dict[str, list[dict[str, Any]]]:
    """Views of every image that was measured: ID → sizes with their views."""
    wanted = set(pages.ids)

    def views(sample: Sample) -> tuple[str, list[dict[str, Any]]]:
        target = folder / "pictures" / slug(sample.id)
        found = (pictures.write_views(sample, size, predictions, target / str(size)) for size in pages.sizes)
        return sample.id, [view for view in found if view is not None]

    with ThreadPoolExecutor(workers) as pool:
        return dict(pool.map(views, [sample for sample in dataset if sample.id in wanted]))


def _write_pages(
    folder: Path,
    pages: Pages,
    dataset: Dataset | None,
    viewers: Mapping[str, list[dict[str, Any]]],
    drawn: Sequence[str],
) -> None:
    (folder / "methods").mkdir()
    (folder / "images").mkdir()
    for result in pages.results:
        path = folder / "methods" / f"{slug(result.method.name)}.html"
        path.write_text(pages.method(result, command(result)), encoding="utf-8")
    metadata = {} if dataset is None else {sample.id: sample.metadata for sample in dataset}
    for place, image in enumerate(pages.ids):
        text = pages.image(place, metadata.get(image), viewers.get(image, []))
        (folder / "images" / f"{slug(image)}.html").write_text(text, encoding="utf-8")
    stored = sorted(path.stem for path in (folder / "tables").glob("*.md"))
    for name, given in {
        "dataset": {},
        "protocol": {},
        "downloads": {"tables": stored, "plots": drawn},
    }.items():
        text = pages.about(f"{name}.html.jinja", **given)
        (folder / f"{name}.html").write_text(text, encoding="utf-8")

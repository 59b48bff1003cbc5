"""Build a site that opens from the disk: read the results, rank them, render every table, plot and page."""

import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any, Final
from uuid import uuid4

import altair as alt

from _df8k.files import only_writer, write_bytes, write_text
from df8k.dataset import Dataset, Sample
from df8k.leaderboard.edge.app import write_app
from df8k.leaderboard.errors import LeaderboardError
from df8k.leaderboard.latency.results import LatencyResult
from df8k.leaderboard.protocol.sizes import Size
from df8k.leaderboard.results.filled_pictures import FilledPictures
from df8k.leaderboard.results.per_image import PerImage
from df8k.leaderboard.statistics.groups import GROUPINGS
from df8k.pool import Progress

from .board import Board, Entry, rank
from .charts import board_charts, latency_charts, main_chart, sweep_charts
from .columns import Column
from .facts import site_facts
from .inputs import read_inputs
from .pages.comparison import compared_columns
from .pages.latency import write_latency_page
from .pages.renderer import Pages, contribute_page
from .pictures.thumbnails import Pictures, thumbnail_size
from .pictures.views import write_views
from .plots.chart import png, svg
from .render import icon, slug
from .style import MethodStyle, method_styles
from .submissions import schema
from .tables import grid
from .tables.holes import holes_grid
from .tables.quality import board_grid, group_grid, metric_grid, quality_csv, quality_json
from .tables.reported import paper_tables, reported_grid
from .tables.summary import summary_grid

# Everything but the board itself; made afresh by each build, so it must be recognised as made by one.
_PAGES: Final = "pages"
_MARK: Final = "made-by-df8k.txt"
# A stage's name, what is done with an item, the items.
Distribute = Callable[[str, Callable[[Any], None], Sequence[Any]], None]


@dataclass(frozen=True)
class Site:
    """Folder of pages that was written.

    Attributes:
        page: the HTML page to open.
        board: its ranked entries; none for latency results alone.
        latency: latency results, which have no rank.
    """

    page: Path
    board: Board
    latency: Sequence[LatencyResult] = ()

    @property
    def entries(self) -> Sequence[Entry]:
        """List the rows of the board."""
        return self.board.entries


def build_site(
    results: Sequence[str | Path],
    out: str | Path,
    *,
    dataset: Dataset | None = None,
    predictions: Mapping[str, str | Path] | None = None,
    workers: int = 1,
    progress: Progress | None = None,
) -> Site:
    """Write the leaderboard of several results.

    Args:
        results: RESULT.json files, and LATENCY.json files, each with its parquet file beside it, and files
            of `df8k vote score`. Latency results go to ``latency.{html,md,tex,csv,json,svg,png}``; alone,
            they make the whole site. Votes are a column; ``RESULT.sweep.json`` beside a result is drawn on
            the page of its method.
        out: folder for ``index.html``, ``leaderboard.{md,tex,csv,json,svg,png}`` and ``pages``, which holds
            every other page, table, plot, crop and the raw results, and is replaced as a whole.
        dataset: the dataset that was measured; its pictures and licences are shown.
        predictions: name of a method → folder of its filled pictures ``SIZE/ID.png``; besides these,
            ``RESULT.predictions`` beside a result is taken. They are shown when ``dataset`` is given.
        workers: threads that draw plots and encode pictures; the site does not depend on it.
        progress: called after each plot and each image.

    Raises:
        LeaderboardError: no results, one that the board does not accept, two of the same method, another
            dataset, or ``out/pages`` is a folder of something else.
        OSError: a file cannot be written.
    """
    out = Path(out)
    folders = {name: Path(folder) for name, folder in (predictions or {}).items()}
    with only_writer(out):
        distribute = partial(_distribute, workers, progress or (lambda _stage, _done, _total: None))
        return _build([Path(result) for result in results], out, dataset, folders, distribute)


def _build(
    results: Sequence[Path],
    out: Path,
    dataset: Dataset | None,
    predictions: Mapping[str, Path],
    distribute: Distribute,
) -> Site:
    inputs = read_inputs(results, dataset, predictions)

    latency = list(inputs.latency.values())
    ranked = rank(list(inputs.quality.values()), inputs.per_image, latency, list(inputs.votes.values()))
    board = replace(ranked, notes=inputs.notes)
    styles = method_styles(board.methods, [result.method.name for result in latency])

    charts = board_charts(board, styles)
    swept_charts = sweep_charts(inputs.sweeps)
    timed_charts = latency_charts(inputs.latency, styles)
    compared = compared_columns(board)
    facts = site_facts(board.results, latency, comparable=bool(compared))
    with _replaced(out / _PAGES) as folder:
        inputs.copy_to(folder / "results")
        if inputs.quality:
            (folder / "results" / "schema.json").write_text(schema(), encoding="utf-8", newline="\n")
        _write_charts(folder / "plots", charts | swept_charts | timed_charts, distribute)
        (folder / "icon.svg").write_text(icon(), encoding="utf-8", newline="\n")
        write_app(folder / "edge", home="../../index.html")
        (folder / "contribute.html").write_text(contribute_page(facts), encoding="utf-8", newline="\n")
        pages = Pages(board, styles, facts, sweeps=inputs.sweeps)
        if board.entries:
            _write_tables(folder / "tables", board)
            if dataset is not None:
                drawn = _write_pictures(folder, dataset, board, inputs.predictions, distribute)
                pages = Pages(board, styles, facts, drawn, inputs.sweeps)
            _write_pages(folder, pages, dataset, [*charts, *swept_charts])
            _write_comparisons(folder, pages, compared)
    if board.entries:
        _write_board(out, board, styles)
        write_text(out / "index.html", pages.index())
    if latency:
        write_latency_page(out, latency, board, list(timed_charts), facts)
    if not board.entries:
        write_bytes(out / "index.html", (out / "latency.html").read_bytes())
    return Site(out / "index.html", board, latency)


@contextmanager
def _replaced(folder: Path) -> Iterator[Path]:
    """Yield a new folder that takes the place of ``folder`` when all of it is written."""
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


def _distribute(
    workers: int, progress: Progress, stage: str, do: Callable[[Any], None], items: Sequence[Any]
) -> None:
    """Do it with each item on threads, and raise what one of them raised."""
    with ThreadPoolExecutor(workers) as pool:
        for done, _ in enumerate(pool.map(do, items), 1):
            progress(stage, done, len(items))


def _write_charts(folder: Path, charts: Mapping[str, alt.LayerChart], distribute: Distribute) -> None:
    """Draw every chart as SVG and PNG."""
    folder.mkdir()

    def draw(name: str) -> None:
        drawing = svg(charts[name])
        (folder / f"{name}.svg").write_text(drawing, encoding="utf-8", newline="\n")
        (folder / f"{name}.png").write_bytes(png(drawing))

    distribute("plots", draw, list(charts))


def _write_tables(folder: Path, board: Board) -> None:
    """Write one table per size, one per metric, those by groups of images, and the papers' own."""
    folder.mkdir()
    grids = {f"size-{size}": board_grid(of_size) for size, of_size in board.by_size.items()}
    grids["missing"] = holes_grid(board)
    grids |= {f"summary-{size}": summary_grid(of_size) for size, of_size in board.by_size.items()}
    for column in board.columns:
        grids[f"metric-{slug(column.key.replace('.', '-'))}"] = metric_grid(board, column)
    for size, of_size in board.by_size.items():
        for grouping in GROUPINGS if of_size.ranked_column else ():
            if of_size.ranked_column and (table := group_grid(of_size, grouping, of_size.ranked_column)):
                grids[f"bins-{grouping}-{size}"] = table
    for paper in paper_tables():
        grids[f"reported-{slug(paper.source.split(' ')[0].lower())}"] = reported_grid(paper)
    for name, table in grids.items():
        (folder / f"{name}.md").write_text(grid.markdown(table), encoding="utf-8", newline="\n")
        (folder / f"{name}.tex").write_text(grid.latex(table), encoding="utf-8", newline="\n")
        (folder / f"{name}.csv").write_text(grid.grid_csv(table), encoding="utf-8", newline="\n")


def _write_pictures(
    folder: Path, dataset: Dataset, board: Board, predictions: Mapping[str, Path], distribute: Distribute
) -> Pictures:
    """Write the views and thumbnails of every image that was measured."""
    measured = set(board.image_ids)
    scored = {
        (entry.size, slug(entry.name)): _scored(entry.values)
        for entry in board.entries
        if entry.values is not None
    }
    sizes: dict[str, list[Size]] = {}
    for size, name in scored:
        sizes.setdefault(name, []).append(size)
    named = {slug(name): root for name, root in predictions.items()}
    folders = {name: FilledPictures(root, sizes[name], partial=True) for name, root in named.items()}
    views: dict[str, list[Mapping[str, Any]]] = {}
    thumbnails: dict[str, Sequence[str]] = {}

    def of_image(sample: Sample, size: Size) -> dict[str, FilledPictures]:
        names = [name for name in folders if sample.id in scored.get((size, name), ())]
        return {name: folders[name] for name in names}

    def write(sample: Sample) -> None:
        target, small = folder / "pictures" / slug(sample.id), folder / "thumbnails" / slug(sample.id)
        thumbnail = thumbnail_size(sample.metadata, board.sizes, board.start_size)
        drawn = {
            size: write_views(
                sample, size, of_image(sample, size), target / str(size), small if size == thumbnail else None
            )
            for size in board.sizes
        }
        views[sample.id] = [view for view in drawn.values() if view is not None]
        if thumbnail is not None:
            of_thumbnail = drawn[thumbnail]
            thumbnails[sample.id] = [] if of_thumbnail is None else of_thumbnail["methods"]

    distribute("pictures", write, [sample for sample in dataset if sample.id in measured])
    return Pictures(views, thumbnails)


def _scored(values: PerImage) -> frozenset[str]:
    """List the images that have scores: of the others a picture would show what was not scored."""
    return frozenset(image for image, status in zip(values.ids, values.status, strict=True) if status == "ok")


def _write_pages(folder: Path, pages: Pages, dataset: Dataset | None, charts: Sequence[str]) -> None:
    """Write a page per method and per image, and those about images, dataset, protocol and downloads."""
    board = pages.board
    (folder / "methods").mkdir()
    (folder / "images").mkdir()
    for name in board.methods:
        path = folder / "methods" / f"{slug(name)}.html"
        path.write_text(pages.method(name), encoding="utf-8", newline="\n")
    metadata = {} if dataset is None else {sample.id: sample.metadata for sample in dataset}
    for index, image_id in enumerate(board.image_ids):
        page = pages.image(index, metadata.get(image_id))
        (folder / "images" / f"{slug(image_id)}.html").write_text(page, encoding="utf-8", newline="\n")
    tables = sorted(path.stem for path in (folder / "tables").glob("*.md"))
    single = {
        "images": pages.images(),
        "dataset": pages.dataset(),
        "protocol": pages.protocol(),
        "papers": pages.papers(),
        "downloads": pages.downloads(tables, charts),
    }
    for name, page in single.items():
        (folder / f"{name}.html").write_text(page, encoding="utf-8", newline="\n")


def _write_comparisons(folder: Path, pages: Pages, compared: Mapping[str, Column]) -> None:
    """Write the pages that compare two methods, one for each metric."""
    for name in compared:
        (folder / f"{name}.html").write_text(pages.compare(name, compared), encoding="utf-8", newline="\n")


def _write_board(out: Path, board: Board, styles: Mapping[str, MethodStyle]) -> None:
    """Write ``leaderboard.{md,tex,csv,json,svg,png}``."""
    table = board_grid(board)
    write_text(out / "leaderboard.md", grid.markdown(table))
    write_text(out / "leaderboard.tex", grid.latex(table))
    write_text(out / "leaderboard.csv", quality_csv(board))
    write_text(out / "leaderboard.json", quality_json(board))
    drawing = svg(main_chart(board, styles))
    write_text(out / "leaderboard.svg", drawing)
    write_bytes(out / "leaderboard.png", png(drawing))

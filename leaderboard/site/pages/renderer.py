"""Render each page of a board."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from df8k.leaderboard.results.mask_sweep import MaskSweep
from df8k.leaderboard.results.schema import Result
from df8k.leaderboard.site.board import Board
from df8k.leaderboard.site.columns import Column
from df8k.leaderboard.site.facts import SiteFacts
from df8k.leaderboard.site.kinds import row_kind
from df8k.leaderboard.site.pictures.thumbnails import Pictures
from df8k.leaderboard.site.render import packaged_text, raw_stem, render, slug
from df8k.leaderboard.site.style import MethodStyle, script_style
from df8k.leaderboard.site.tables.grid import one_line
from df8k.leaderboard.site.tables.holes import protocol_note, share_text, shares_by_size
from df8k.leaderboard.site.tables.interactive import interactive_rows, measured_sizes, page_columns
from df8k.leaderboard.site.tables.mask_sweep import scored_rows, sweep_grid
from df8k.leaderboard.site.tables.quality import quality_note, quality_remarks, ranking_note, votes_note
from df8k.leaderboard.site.tables.reported import paper_tables, reported_grid
from df8k.leaderboard.site.tables.summary import disagreement
from df8k.leaderboard.statistics.intervals import LEAST_IMAGES

from .comparison import comparison_data
from .downloads import chart_groups, table_groups
from .gallery import gallery, podium, short, strip
from .method import command, extremes, failures_of, groups_of, image_scores, machine, scores_grid

_BOARD: Final = ("state", "copy", "svg", "table", "labels", "plot", "board")


class Pages:
    """Renderer of the pages of one board.

    Args:
        board: ranked entries.
        styles: the look of each method.
        facts: what head and foot say.
        pictures: of its images, where there are any.
        sweeps: method → how it bore sloppy masks, where that was measured.
    """

    def __init__(
        self,
        board: Board,
        styles: Mapping[str, MethodStyle],
        facts: SiteFacts,
        pictures: Pictures | None = None,
        sweeps: Mapping[str, MaskSweep] | None = None,
    ) -> None:
        self.board, self._styles, self._facts = board, styles, facts
        self._sweeps = sweeps or {}
        self._pictures = pictures or Pictures()

    def _render(self, template: str, root: str, scripts: Sequence[str] = (), **context: Any) -> str:
        """Render a page of the board; see `render.render`."""
        return render(
            template,
            root,
            self._facts,
            scripts=scripts,
            leading=self.board.leading.heading,
            pictured=self._pictures.thumbnails,
            short=short,
            **context,
        )

    def index(self) -> str:
        """Render the board with its interactive plot."""
        board = self.board
        heads, rows = interactive_rows(board)
        at_start = board.by_size[board.start_size]
        return self._render(
            "index.html.jinja",
            "",
            _BOARD,
            here="index.html",
            note=quality_note(board),
            ranked=board.ranked_by is not None,
            heads=heads,
            rows=rows,
            sizes=measured_sizes(board),
            start_size=board.start_size,
            images=len(board.image_ids),
            methods=len(board.methods),
            dataset=board.results[0].dataset,
            devices=sorted({one_line(entry.device) for entry in board.entries}),
            columns=page_columns(board),
            strip=strip(board, self._pictures),
            podium=podium(at_start, self.board.leading, self._pictures),
            disagreement=disagreement(at_start),
            votes=votes_note(board),
            remarks=[*quality_remarks(board.entries), *board.notes],
            least_images=LEAST_IMAGES,
            look=script_style({name: self._styles[name] for name in board.methods}),
        )

    def method(self, name: str) -> str:
        """Render one method: card, provenance, command, scores, failures, extremes."""
        board, columns = self.board, page_columns(self.board)
        entries = list(board.methods[name].values())
        results = [result for result in board.results if result.method.name == name]
        failures, failed = failures_of(entries)
        displayed = next((entry for entry in entries if entry.size == board.start_size), entries[-1])
        sweep = self._sweeps.get(name)
        best, worst = extremes(displayed, board.leading, self._pictures)
        return self._render(
            "method.html.jinja",
            "../../",
            result=displayed.result,
            raw=[raw_stem(result, board.results) for result in results],
            kind=row_kind(displayed.result.method),
            displayed=displayed,
            command="\n".join(map(command, results)),
            scores=scores_grid(entries, columns),
            failures=failures,
            failed=failed,
            best=best,
            worst=worst,
            remarks=quality_remarks(entries),
            groups=groups_of(board, entries),
            sweep=None if sweep is None else sweep_grid(sweep.rows),
            curves=[] if sweep is None else list(scored_rows(sweep)),
        )

    def image(self, index: int, metadata: Mapping[str, Any] | None) -> str:
        """Render one test image: its scores, and the pictures where there are any.

        Args:
            index: into `Board.image_ids`.
            metadata: its row of the dataset, when that is at hand.
        """
        ids, board = self.board.image_ids, self.board
        shares = shares_by_size(board)
        scores = image_scores(board.methods, self.board.leading, index)
        views = self._ranked_views(ids[index])
        names = {slug(name): one_line(name) for name in board.methods}
        return self._render(
            "image.html.jinja",
            "../../",
            ("state", "viewer") if views else (),
            id=ids[index],
            before=ids[index - 1] if index else None,
            after=ids[index + 1] if index + 1 < len(ids) else None,
            metadata=metadata,
            viewer=views,
            data={
                "folder": f"../pictures/{slug(ids[index])}",
                "sizes": views,
                "names": names,
                "scores": scores,
                "heading": self.board.leading.heading,
                "start": str(board.start_size),
            },
            sizes=board.sizes,
            missing=[share_text(shares[size], index) if size in shares else "–" for size in board.sizes],
            rows=[
                (name, [scores[str(size)].get(slug(name), "–") for size in board.sizes])
                for name in self._by_rank(board.start_size)
            ],
        )

    def _by_rank(self, size: Any) -> list[str]:
        """List every method, those of a size first, best first."""
        return list(
            dict.fromkeys([*(entry.name for entry in self.board.by_size[size].entries), *self.board.methods])
        )

    def _ranked_views(self, image_id: str) -> list[dict[str, Any]]:
        """List the views of an image, the methods of each size best first."""
        views = []
        for view in self._pictures.views.get(image_id, ()):
            size = next(size for size in self.board.sizes if str(size) == view["size"])
            ranked = [name for entry in self._by_rank(size) if (name := slug(entry)) in view["methods"]]
            views.append({**view, "methods": ranked})
        return views

    def images(self) -> str:
        """Render the gallery of all images, grouped by the kind of their mask."""
        made = gallery(self.board, self._pictures)
        names = {slug(name): one_line(name) for name in self._by_rank(self.board.start_size)}
        drawn = {name for tile in made.tiles for name in tile.methods or ()}
        scripts = ("state", "gallery")
        return self._render(
            "images.html.jinja",
            "../",
            scripts,
            here="pages/images.html",
            gallery=made,
            names={file: name for file, name in names.items() if file in drawn},
            dataset=self.board.results[0].dataset,
        )

    def compare(self, page: str, pages: Mapping[str, Column]) -> str:
        """Render the page that compares two methods by one metric over all images.

        Args:
            page: its name without suffix.
            pages: the name of each such page and its metric.
        """
        return self._render(
            "compare.html.jinja",
            "../",
            ("state", "svg", "pair", "compare"),
            here="pages/compare.html",
            page=page,
            pages={name: column.heading for name, column in pages.items()},
            data=comparison_data(self.board, pages[page], self._styles, self._pictures),
        )

    def dataset(self) -> str:
        """Render the page about the dataset."""
        used = self.board.results[0].dataset
        ids = self.board.image_ids
        return self._render(
            "dataset.html.jinja",
            "../",
            here="pages/dataset.html",
            dataset=used,
            ids=ids,
            strip=strip(self.board, self._pictures),
        )

    def protocol(self) -> str:
        """Render the page about the protocol: sizes, metrics in their variants, machines."""
        results = self.board.results
        return self._render(
            "protocol.html.jinja",
            "../",
            here="pages/protocol.html",
            protocol=results[0].protocol,
            masks=protocol_note(self.board),
            sizes=self.board.sizes,
            variants=sorted({variant for result in results for variant in result.protocol.metrics.items()}),
            machines=sorted({machine(result) for result in results}),
            ranking=ranking_note(self.board),
            least_images=LEAST_IMAGES,
        )

    def papers(self) -> str:
        """Render what papers report of themselves."""
        tables = [reported_grid(table) for table in paper_tables()]
        return self._render("papers.html.jinja", "../", here="pages/papers.html", reported=tables)

    def downloads(self, tables: Sequence[str], charts: Sequence[str]) -> str:
        """Render the links to every table, plot and raw result.

        Args:
            tables: names of the files of the tables.
            charts: names of the files of the charts.
        """
        results = self.board.results
        return self._render(
            "downloads.html.jinja",
            "../",
            here="pages/downloads.html",
            tables=table_groups(tables),
            charts=chart_groups(charts),
            results={raw_stem(result, results): result for result in results},
            sweeps=[raw_stem(result, results) for result in results if self._is_swept(result)],
            votes=self.board.votes,
        )

    def _is_swept(self, result: Result) -> bool:
        sweep, seal = self._sweeps.get(result.method.name), result.seal
        return sweep is not None and seal is not None and sweep.content_sha256 == seal.content_sha256


def contribute_page(facts: SiteFacts) -> str:
    """Render how to submit a method, and how to cite the board."""
    return render(
        "contribute.html.jinja",
        "../",
        facts,
        scripts=("state", "copy", "contribute"),
        citation=packaged_text("data/citation.bib"),
    )

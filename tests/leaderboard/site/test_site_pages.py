"""What pages beside the board are made of: comparisons, gallery, head and foot, downloads."""

import json
import re
from pathlib import Path

import numpy as np
import pytest
import yaml

import leaderboard
from leaderboard.audit.compare import compare
from leaderboard.results.schema import read_result
from leaderboard.site.board import column_of, rank
from leaderboard.site.facts import site_facts
from leaderboard.site.inputs import read_inputs
from leaderboard.site.pages.comparison import compared_columns, comparison_data
from leaderboard.site.pages.downloads import chart_groups, table_groups
from leaderboard.site.pages.gallery import gallery, podium
from leaderboard.site.pages.method import extremes
from leaderboard.site.pictures.thumbnails import Pictures, thumbnail_size
from leaderboard.site.render import packaged_text
from leaderboard.site.style import DARK, method_styles

ROOT = Path(__file__).parents[3]


@pytest.fixture(scope="module")
def ranked(results):
    inputs = read_inputs(results, None, {})
    return rank(list(inputs.quality.values()), inputs.per_image)


@pytest.fixture(scope="module")
def drawn(ranked):
    return Pictures({}, {image_id: ["mean", "telea", "ns"] for image_id in ranked.image_ids})


def test_a_pair_says_what_df8k_compare_says(ranked, results):
    column = column_of("l1.hole")
    data = comparison_data(ranked, column, method_styles(ranked.methods), Pictures())
    names = [method["name"] for method in data["methods"]]
    of_size = next(entry for entry in data["sizes"] if entry["size"] == "64")
    report = compare(results, metric="l1.hole", sizes=[64])
    assert len(of_size["tests"]) == len(report.comparisons) == 3
    for key, (student, ranks, adjusted, low, _high) in of_size["tests"].items():
        first, second = (names[int(index)] for index in key.split(","))
        comparison = next(c for c in report.comparisons if {c.first, c.second} == {first, second})
        paired = comparison.paired
        assert (student, ranks, adjusted) == pytest.approx(
            (paired.p_student, paired.p_wilcoxon, comparison.p), rel=1e-3
        )
        assert low is None  # six images carry no interval
    entry = ranked.methods["telea"][64]
    shown = np.array(of_size["values"][names.index("telea")], float) / data["unit"]
    assert shown == pytest.approx(100 * entry.image_values("l1.hole"), abs=1 / data["unit"])


def test_the_metric_that_ranks_has_the_first_page(ranked):
    pages = compared_columns(ranked)
    assert pages["compare"].key == "haarpsi.hole"
    assert pages["compare-l1-hole"].key == "l1.hole"
    assert len(pages) == len(ranked.columns)


def test_one_method_has_nobody_to_be_compared_with(results):
    alone = read_inputs(results[:1], None, {})
    assert compared_columns(rank(list(alone.quality.values()), alone.per_image)) == {}


def test_the_gallery_holds_every_image_once_in_each_grouping(ranked, drawn):
    made = gallery(ranked, drawn)
    assert [tile.id for tile in made.tiles] == list(ranked.image_ids)
    assert "depth" in made.groupings
    for name, (_, labels) in made.groupings.items():
        assert {tile.labels[name] for tile in made.tiles} <= {*labels, ""}
    assert all(tile.methods is None for tile in gallery(ranked, Pictures()).tiles)


def test_the_podium_is_on_the_image_of_the_median(ranked, drawn):
    of_size = ranked.by_size[64]
    top = podium(of_size, ranked.leading, drawn)
    assert [entry.rank for entry, _ in top.fills] == [1, 2, 3]
    values = top.fills[0][0].image_values("haarpsi.hole")
    place = list(ranked.image_ids).index(top.id)
    assert sorted(values)[len(values) // 2] == values[place]
    assert podium(of_size, ranked.leading, Pictures()) is None


def test_best_and_worst_share_no_image(ranked, drawn):
    best, worst = extremes(ranked.methods["ns"][64], ranked.leading, drawn)
    assert len(best) == len(worst) == 3
    assert not {fill.id for fill in best} & {fill.id for fill in worst}
    assert float(best[0].score) >= float(best[-1].score) >= float(worst[-1].score) >= float(worst[0].score)
    assert all(fill.pictured for fill in best + worst)


def test_a_thumbnail_shows_the_first_size_or_the_largest_that_fits():
    sizes = [64, 100, 600]
    assert thumbnail_size({"width": 700, "height": 650}, sizes, 100) == 100
    assert thumbnail_size({"width": 90, "height": 80}, sizes, 100) == 64
    assert thumbnail_size({"width": 9, "height": 8}, sizes, 100) is None


def test_head_and_foot_say_what_does_not_depend_on_the_build(results, site):
    result = read_result(results[0])
    later = result.model_copy(
        update={
            "provenance": result.provenance.model_copy(update={"date": "2031-01-02", "df8k_version": "9"})
        }
    )
    facts = site_facts([result, later], [], comparable=False)
    assert facts.dates == f"{result.provenance.date} to 2031-01-02"
    assert facts.versions == f"{result.provenance.df8k_version}, 9"
    old = result.model_copy(update={"provenance": result.provenance.model_copy(update={"date": None})})
    assert site_facts([old], [], comparable=False).dates == ""
    page = site.page.read_text()
    assert f"by df8k {result.provenance.df8k_version}, {result.provenance.date}" in page
    assert re.search(r'<meta name="description" content="[^"]{60,}">', page)
    assert '<link rel="icon" href="pages/icon.svg"' in page


def test_the_citation_is_that_of_the_repository():
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text())
    shown = re.sub(r"[{}]", "", packaged_text("data/citation.bib"))
    for entry in (citation, citation["references"][0]):
        assert entry["title"] in shown
    assert citation["version"] in shown
    assert all(author["family-names"] in shown for author in citation["references"][0]["authors"])


def test_every_table_and_plot_is_offered(site):
    folder = site.page.parent / "pages"
    tables = [path.stem for path in (folder / "tables").glob("*.md")]
    plots = [path.stem for path in (folder / "plots").glob("*.svg")]
    for names, groups in ((tables, table_groups(tables)), (plots, chart_groups(plots))):
        assert sorted(name for files in groups.values() for name in files) == sorted(names)


def test_drawings_follow_dark_pages(site):
    for path in [site.page.parent / "leaderboard.svg", *(site.page.parent / "pages/plots").glob("*.svg")]:
        drawing = path.read_text()
        assert "@media (prefers-color-scheme:dark)" in drawing
        lines = set(re.findall(r'stroke="(#[0-9a-f]+|black)"', drawing))
        looks = {style.colour for style in method_styles(site.board.methods).values()}
        assert lines <= {*DARK, *looks}, path
    tokens = packaged_text("styles/tokens.css").partition("dark")[2]
    assert all(colour in tokens for colour in ("#0d1117", "#e6edf3", "#9da7b3"))


def test_data_of_pages_hold_no_markup_of_strangers(site):
    for path in (site.page.parent / "pages").glob("compare*.html"):
        (text,) = re.findall(r'id="data">(.*?)</script>', path.read_text(), re.DOTALL)
        assert "<" not in text
        assert {method["name"] for method in json.loads(text)["methods"]} == {"mean", "telea", "ns"}


def test_a_method_that_was_measured_in_parts_has_one_page_and_a_raw_file_for_each(dataset, results, tmp_path):
    parts = [tmp_path / f"mean-{size}.json" for size in (64, 100)]
    for path, size in zip(parts, (64, 100), strict=True):
        leaderboard.evaluate("mean", dataset, sizes=[size], out=path)
    site = leaderboard.build_site([*parts, results[1]], tmp_path / "site")
    pages = site.page.parent / "pages"
    method = (pages / "methods/mean.html").read_text()
    downloads = (pages / "downloads.html").read_text()
    for path, size in zip(parts, (64, 100), strict=True):
        raw = f"results/mean-{size}.json"
        assert (pages / raw).read_bytes() == path.read_bytes()
        assert f'href="../{raw}"' in method
        assert f'href="{raw}"' in downloads
        assert f"--sizes {size}" in method
        assert re.search(rf"<t[hd][^>]*>{size}<", method), "its scores at this size"
    assert (pages / "results/telea.json").read_bytes() == results[1].read_bytes()

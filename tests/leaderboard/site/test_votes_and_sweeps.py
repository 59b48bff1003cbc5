"""People's votes and sloppy masks on the board: a column and a curve, of the results that they belong to."""

import csv
import json
import shutil

import pytest
from click.testing import CliRunner

from df8k.cli import cli
from df8k.leaderboard.errors import LeaderboardError
from df8k.leaderboard.results.mask_sweep import SweepRow, sweep_path
from df8k.leaderboard.results.per_image import per_image_path
from df8k.leaderboard.results.schema import Estimate, read_result
from df8k.leaderboard.results.votes import Outcome, read_votes
from df8k.leaderboard.site.inputs import read_inputs
from df8k.leaderboard.studies.mask_sweep import SLIPS
from df8k.leaderboard.studies.mask_sweep_report import sweep_of, write_sweep
from df8k.leaderboard.votes.bradley_terry import Vote, fit

HEADING = "human votes"
NOTE = "50 votes of 3 people, 10 undecided, 1 left out for failing catch pairs"


def voted(result, size=64, methods=("mean", "telea")):
    """What `df8k vote score` would write of fifty votes, thirty of them for the second method."""
    first, second = methods
    cast = [Vote(first, second, "first")] * 10 + [Vote(first, second, "second")] * 30
    voters = [
        {
            "name": f"{number:016x}",
            "votes": 20,
            "caught": 2 * (number == 3),
            "catches": 2,
            "counted": number < 3,
        }
        for number in range(4)
    ]
    return Outcome(
        study="0123",
        size=size,
        images=result.dataset.ids,
        fit=fit(cast + [Vote(first, second, "tie")] * 10),
        voters=voters,
        ties=10,
        votes=50,
        agreements=[],
        ceiling=None,
    )


def swept(result):
    """A sweep that loses a tenth with every percent, sooner where the mask is too small."""
    slope = {"exact": 0.0, "dilate": 2.0, "erode": 6.0, "feather": 1.0}
    rows = []
    for size in (64, 100):
        for slip in SLIPS:
            mean = 0.4 - slope[slip.kind] * slip.fraction
            one = Estimate(mean=mean, low=mean - 0.02, high=mean + 0.02, n=8)
            rows.append(
                SweepRow(
                    size=size,
                    kind=slip.kind,
                    fraction=slip.fraction,
                    images=8,
                    failures=0,
                    metrics={"haarpsi.hole": one, "l1.hole": one},
                )
            )
    return sweep_of(result, rows)


@pytest.fixture(scope="module")
def files(results, tmp_path_factory):
    """Copies of three results, votes on two of them at one size, a sweep of one."""
    folder = tmp_path_factory.mktemp("voted")
    for path in results:
        shutil.copyfile(path, folder / path.name)
        shutil.copyfile(per_image_path(path), folder / per_image_path(path).name)
    telea = read_result(folder / "telea.json")
    write_sweep(swept(telea), folder / "telea.json")
    (folder / "votes.json").write_text(voted(telea).model_dump_json())
    return [*(folder / path.name for path in results), folder / "votes.json"]


@pytest.fixture(scope="module")
def built(files, tmp_path_factory):
    """The page that the command writes, and the rows that it prints."""
    out = tmp_path_factory.mktemp("voted-site") / "site"
    words = ["leaderboard", "build", *files, "--out", out, "--json"]
    done = CliRunner().invoke(cli, list(map(str, words)))
    assert done.exit_code == 0, done.output
    return out / "index.html", json.loads(done.stdout)


@pytest.fixture(scope="module")
def index(built):
    return built[0]


def test_every_form_of_the_board_has_the_votes_at_their_size(index, files):
    strengths = {one.method: one for one in read_votes(files[-1]).fit.strengths}
    assert strengths["telea"].value > strengths["mean"].value
    rows = list(csv.DictReader((index.parent / "leaderboard.csv").read_text().splitlines()))
    of_votes = {(row["method"], row["size"]): row["votes"] for row in rows if row["votes"]}
    assert of_votes.keys() == {("telea", "64"), ("mean", "64")}
    assert float(of_votes["telea", "64"]) == strengths["telea"].value
    record = next(row for row in rows if (row["method"], row["size"]) == ("telea", "64"))
    ends = [float(record[key]) for key in ("votes.low", "votes.high", "votes.n")]
    assert ends == [strengths["telea"].low, strengths["telea"].high, 50]
    for name in (
        "leaderboard.md",
        "leaderboard.tex",
        "pages/tables/summary-64.md",
        "pages/tables/size-64.csv",
    ):
        text = (index.parent / name).read_text()
        assert HEADING in text, name
        assert f"{strengths['telea'].value:.2f}" in text, name
    assert HEADING not in (index.parent / "pages/tables/summary-100.md").read_text()
    for name in ("index.html", "leaderboard.md", "pages/tables/summary-64.md"):
        assert NOTE in (index.parent / name).read_text().replace("\\", ""), name
    table = (index.parent / "pages/tables/metric-votes.md").read_text()
    low, high = strengths["telea"].low, strengths["telea"].high
    assert f"{low:.2f} … {high:.2f}, 50 votes" in table


def test_votes_bear_no_mark_and_never_rank(built, site):
    plain = json.loads((site.page.parent / "leaderboard.json").read_text())
    ranks = [
        [(row["method"], row["size"], row["rank"], row["tied_with_best"]) for row in rows]
        for rows in (built[1], plain)
    ]
    assert ranks[0] == ranks[1]
    table = (built[0].parent / "pages/tables/metric-votes.md").read_text()
    assert "**" not in table.split("\n\n")[0]
    assert HEADING not in (site.page.parent / "leaderboard.md").read_text()


def test_the_method_s_page_has_curve_and_table_of_its_sweep(index):
    page = (index.parent / "pages/methods/telea.html").read_text()
    for size in (64, 100):
        drawing = index.parent / f"pages/plots/sweep-telea-{size}.svg"
        assert "eroded: a rim of it stays" in drawing.read_text()
        assert f"../plots/{drawing.name}" in page
    assert "Scores under sloppy masks" in page
    assert "0.2800" in page  # eroded by 2 %
    assert "Sloppy masks" not in (index.parent / "pages/methods/ns.html").read_text()
    downloads = (index.parent / "pages/downloads.html").read_text()
    for link in ("results/telea.sweep.json", "results/votes-64.json", "plots/sweep-telea-64.svg"):
        assert f'href="{link}"' in downloads
        assert (index.parent / "pages" / link).is_file()


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"images": ["0" * 16]}, "give results of the dataset that was voted on"),
        ({"size": 100, "fit": None}, "name the folders of df8k vote build as the methods"),
        ({"study": "<b>"}, "is no outcome of df8k vote score: study"),
    ],
)
def test_votes_of_something_else_are_refused(files, tmp_path, change, words):
    strange = voted(read_result(files[0]), methods=("a", "b")).fit.model_dump()
    content = json.loads(files[-1].read_text()) | change
    content["fit"] = content["fit"] or strange
    (tmp_path / "votes.json").write_text(json.dumps(content))
    with pytest.raises(LeaderboardError, match=words):
        read_inputs([*files[:-1], tmp_path / "votes.json"], None, {})


def test_two_votes_of_one_size_are_refused(files, tmp_path):
    shutil.copyfile(files[-1], tmp_path / "again.json")
    with pytest.raises(LeaderboardError, match="both hold votes at size 64: give one"):
        read_inputs([*files, tmp_path / "again.json"], None, {})


def test_a_sweep_of_another_run_is_left_out_with_a_word(files, tmp_path):
    path = tmp_path / "ns.json"
    shutil.copyfile(files[2], path)
    shutil.copyfile(per_image_path(files[2]), per_image_path(path))
    shutil.copyfile(sweep_path(files[1]), sweep_path(path))
    inputs = read_inputs([path], None, {})
    assert inputs.sweeps == {}
    assert any("ns.sweep.json belongs to another run than ns.json" in note for note in inputs.notes)
    sweep_path(path).write_text('{"rows": 1}')
    with pytest.raises(LeaderboardError, match="is no sweep of df8k evaluate --mask-sweep: method"):
        read_inputs([path], None, {})


def test_the_commands_take_votes_among_the_results(built, files):
    counts = {row["method"]: row["votes.n"] for row in built[1] if row["size"] == 64}
    assert counts == {"mean": 50, "telea": 50, "ns": None}
    done = CliRunner().invoke(cli, ["leaderboard", "summary", *map(str, files), "--size", "64"])
    assert done.exit_code == 0, done.output
    assert HEADING in done.stdout
    assert NOTE in done.stdout


@pytest.mark.parametrize("width", [390, 1440])
def test_the_column_in_a_browser(page, index, width):
    page.shown_as(width).open(index)
    page.select("size", "64")
    heads = {head.get_attribute("data-key"): head for head in page.all("#board thead th")}
    column = list(heads).index("votes")
    assert heads["votes"].is_displayed()
    page.run("arguments[0].firstElementChild.click()", heads["votes"])
    assert [row[2] for row in page.rows()] == ["telea", "mean", "ns"]
    assert page.rows()[2][column] == "–"
    cell = page.all("#board tbody tr:not([hidden])")[0].find_elements("css selector", "td, th")[column]
    assert "50 votes" in cell.text
    assert NOTE in page.at("votes").text
    page.select("metric", "votes")
    page.until(lambda: HEADING in page.at("plot").text)
    assert len(page.all("#plot .point-group")) == 2
    assert page.axe() == []
    assert page.run("return document.documentElement.scrollWidth <= innerWidth")


@pytest.mark.parametrize("width", [390, 1440])
def test_the_curve_in_a_browser(page, index, width):
    page.shown_as(width).open(index.parent / "pages/methods/telea.html")
    drawings = page.all("img[src*='plots/sweep-telea']")
    assert len(drawings) == 2
    for drawing in drawings:
        page.run("arguments[0].scrollIntoView()", drawing)
        page.until(
            lambda drawing=drawing: page.run(
                "return arguments[0].complete && arguments[0].naturalWidth", drawing
            )
        )
        assert 200 < drawing.size["width"] <= width
    assert page.axe() == []
    assert page.run("return document.documentElement.scrollWidth <= innerWidth")

"""From results to tables, plot and page: the numbers are right and strangers' texts are harmless."""

import csv
import io
import json
import re
import shlex
from base64 import b64encode
from dataclasses import replace
from hashlib import sha256
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from skimage.metrics import peak_signal_noise_ratio, structural_similarity

import leaderboard
from leaderboard.audit.validate import validate
from leaderboard.edge import scenes
from leaderboard.edge.assets import APP
from leaderboard.protocol.task import square_task
from leaderboard.results.schema import read_result
from leaderboard.site import board
from leaderboard.site.build import build_site
from leaderboard.site.facts import site_facts
from leaderboard.site.pages.method import command
from leaderboard.site.pages.renderer import Pages
from leaderboard.site.plots import chart
from leaderboard.site.plots import quality as plots
from leaderboard.site.render import slug
from leaderboard.site.style import method_styles
from leaderboard.site.tables import grid
from leaderboard.site.tables import quality as tables
from leaderboard.site.timing import timing_of
from leaderboard.statistics.scaling import power_law

GOLDEN = Path(__file__).parents[2] / "golden" / "results"
HOSTILE = "<img src=x onerror=alert(1)>|\"'&`*_[a](javascript:b){{7*7}}\n" + "é🎨\u202eabc" + "x" * 400


def hostile(results):
    honest = read_result(results[0])
    method = honest.method.model_copy(update={"name": HOSTILE, "summary": HOSTILE, "source": HOSTILE})
    return board.rank([honest.model_copy(update={"method": method}), read_result(results[1])])


def relative_files(folder):
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def test_every_file_is_written(site, dataset):
    folder = site.page.parent
    found = set(relative_files(folder))
    top = {"index.html", *(f"leaderboard.{suffix}" for suffix in ("md", "tex", "csv", "json", "svg", "png"))}
    pages = {
        f"{name}.html" for name in ("dataset", "downloads", "protocol", "papers", "images", "contribute")
    }
    pages |= {"made-by-df8k.txt", "results/schema.json", "icon.svg", "compare.html"}
    pages |= {f"images/{sample.id}.html" for sample in dataset}
    sources = ("original", "hole", "method-mean", "method-telea", "method-ns")
    pages |= {f"thumbnails/{sample.id}/{source}.webp" for sample in dataset for source in sources}
    for name in ("mean", "telea", "ns"):
        pages |= {f"methods/{name}.html", f"results/{name}.json", f"results/{name}.parquet"}
    tables_made = [
        "missing",
        "size-64",
        "size-100",
        "summary-64",
        "summary-100",
        "reported-cra",
        "reported-rethined",
    ]
    measured = [
        f"{metric}-{region}" for metric in ("l1", "psnr", "ssim", "haarpsi") for region in ("full", "hole")
    ]
    tables_made += [f"metric-{key}" for key in measured]
    # The metric that ranks has no name of its own there.
    pages |= {f"compare-{key}.html" for key in measured if key != "haarpsi-hole"}
    pages |= {f"tables/{name}.{suffix}" for name in tables_made for suffix in ("md", "tex", "csv")}
    drawn = ["latency-by-size"]
    for size in (64, 100):
        drawn += [f"latency-{key}-{size}" for key in measured]
        drawn += [f"ties-haarpsi-hole-{size}", f"images-haarpsi-hole-{size}"]
    pages |= {f"plots/{name}.{suffix}" for name in drawn for suffix in ("svg", "png")}
    pages |= {f"edge/{name}" for name in (*relative_files(APP), "version.js", "weights.safetensors")}
    pages |= {f"edge/{scenes.FOLDER}/{side}.png" for side in scenes.SIDES}
    groups = {name for name in found if name.startswith("pages/tables/bins-")}
    assert {"pages/tables/bins-depth-64.md", "pages/tables/bins-holes-100.csv"} <= groups
    assert {name for name in found - groups if "pictures/" not in name} == top | {
        f"pages/{name}" for name in pages
    }
    Image.open(folder / "leaderboard.png").verify()


def test_every_link_leads_to_a_file_of_the_site(site):
    folder = site.page.parent
    count = 0
    for path in folder.rglob("*.html"):
        for link in re.findall(r'(?:src|href)="([^"]*)"', path.read_text()):
            if link:
                assert (path.parent / link).resolve().is_relative_to(folder.resolve())
                assert (path.parent / link).is_file(), (path, link)
                count += 1
    assert count > 100


def test_what_was_missing_is_published_image_by_image(site, results, dataset):
    folder = site.page.parent
    rows = list(csv.reader(io.StringIO((folder / "pages/tables/missing.csv").read_text())))
    assert rows[0][1:] == ["64", "100"]
    for sample, row in zip(dataset, rows[1:], strict=True):
        for size, text in zip((64, 100), row[1:], strict=True):
            left_out = min(sample.image.shape[:2]) < size
            assert text == ("–" if left_out else f"{100 * square_task(sample, size).mask.mean():.1f}")
    of_64 = [square_task(sample, 64).mask.mean() for sample in dataset]
    for record in json.loads((folder / "leaderboard.json").read_text()):
        assert record["protocol"] == 2
        if record["size"] == 64:
            assert record["hole_share_mean"] == pytest.approx(np.mean(of_64))
            assert (record["hole_share_min"], record["hole_share_max"]) == (min(of_64), max(of_64))
    assert "Protocol 2: a mask for each frame" in (folder / "leaderboard.md").read_text()
    assert "band-30-50-v1 declares 30 to 50 % missing" in (folder / "pages/protocol.html").read_text()


def test_a_board_of_protocol_1_says_so():
    ranked = board.rank([read_result(GOLDEN / "schema-1-first.json")])
    assert "Protocol 1: masks of whole images, cropped" in tables.quality_note(ranked)


def test_the_headline_is_shown_first(results):
    first = read_result(results[0])
    named = first.model_copy(update={"dataset": first.dataset.model_copy(update={"headline": 64})})
    assert board.rank([named]).start_size == 64
    unmeasured = first.model_copy(update={"dataset": first.dataset.model_copy(update={"headline": "native"})})
    assert board.rank([unmeasured]).start_size == board.rank([first]).start_size


def test_figures_agree_with_an_independent_computation(site, results, dataset):
    """Scores recomputed with scikit-image from the saved pictures, means and ranks with plain Python."""
    found = list(csv.DictReader(io.StringIO((site.page.parent / "leaderboard.csv").read_text())))
    assert len(found) == 6
    for row in found:
        size = int(row["size"])
        folder = results[0].parent / row["method"] / str(size)
        l1, psnr, ssim = [], [], []
        for sample in dataset:
            if min(sample.image.shape[:2]) < size:
                continue
            task = square_task(sample, size)
            stored = np.asarray(Image.open(folder / f"{sample.id}.png"))
            l1.append(np.abs(stored.astype(float) - task.target)[task.mask].mean() / 255)
            psnr.append(peak_signal_noise_ratio(task.target, stored))
            ssim.append(
                structural_similarity(
                    task.target,
                    stored,
                    gaussian_weights=True,
                    sigma=1.5,
                    use_sample_covariance=False,
                    channel_axis=2,
                )
            )
        assert int(row["n"]) == len(l1)
        assert float(row["l1.hole"]) == pytest.approx(np.mean(l1), rel=1e-9)
        assert float(row["psnr.full"]) == pytest.approx(np.mean(psnr), rel=1e-9)
        assert float(row["ssim.full"]) == pytest.approx(np.mean(ssim), rel=1e-6)
    for size in ("64", "100"):
        of_size = [row for row in found if row["size"] == size]
        of_size.sort(key=lambda row: -float(row["haarpsi.hole"]))
        assert [row["rank"] for row in of_size] == ["1", "2", "3"]


def test_all_forms_say_the_same(site):
    folder = site.page.parent
    records = json.loads((folder / "leaderboard.json").read_text())
    shown = [f"{record['psnr.hole']:.2f}" for record in records]
    for name in ("leaderboard.md", "leaderboard.tex", "index.html"):
        text = (folder / name).read_text()
        assert [text.count(value) > 0 for value in shown] == [True] * 6
    lines = [line for line in (folder / "leaderboard.md").read_text().splitlines() if line.startswith("| ")]
    assert len(lines) == 7
    assert all(line.count("|") == len(tables.header(site.board.columns)) + 1 for line in lines)
    assert (folder / "leaderboard.tex").read_text().count(r"\\") == 7


def test_the_best_of_each_size_is_marked(site):
    records = json.loads((site.page.parent / "leaderboard.json").read_text())
    marked = {(index, key) for index, entry in enumerate(site.entries) for key in entry.best}
    for key, pick in (("l1.full", min), ("psnr.hole", max), ("ssim.hole", max)):
        for size in (64, 100):
            rows = [(index, row[key]) for index, row in enumerate(records) if row["size"] == size]
            best = pick(value for _, value in rows)
            assert {index for index, value in rows if value == best} == {
                index for index, found in marked if found == key and records[index]["size"] == size
            }


def test_pages_of_methods_mark_what_the_board_marks(site):
    for name in ("mean", "telea", "ns"):
        page = (site.page.parent / "pages/methods" / f"{name}.html").read_text()
        wanted = sum(len(entry.best) for entry in site.entries if entry.name == name)
        assert len(re.findall(r'<td class="[^"]*\bbest\b', page)) == wanted


def test_pages_run_no_script_but_their_own(site):
    app = site.page.parent / "pages/edge"
    for path in set(site.page.parent.rglob("*.html")) - set(app.rglob("*.html")):
        text = path.read_text()
        scripts = re.findall(r"<script>(.*?)</script>", text, re.DOTALL)
        digest = b64encode(sha256("".join(scripts).encode()).digest()).decode()
        assert len(scripts) <= 1
        assert f"script-src 'sha256-{digest}'" in text
        assert "default-src 'none'" in text
        assert "unsafe" not in text
        assert set(re.findall(r"https?://[^\"]*", text)) <= {"http://www.w3.org/2000/svg"}


def test_the_page_that_fills_runs_its_own_files_alone(site):
    pages = sorted((site.page.parent / "pages/edge").rglob("*.html"))
    assert [path.name for path in pages] == ["index.html", "measure.html"]
    for path in pages:
        text = path.read_text()
        assert "default-src 'none'; script-src 'self' 'wasm-unsafe-eval';" in text
        assert text.count("unsafe") == 1
        assert "connect-src 'self';" in text
        assert not re.search(r"<script>|https?://|style=", text)
        for name in re.findall(r"(?:src|href)=\"([^\"]+)\"", text):
            assert (path.parent / name).is_file(), name


def test_hostile_texts_stay_texts(results):
    ranked = hostile(results)
    styles = method_styles(ranked.methods)

    class Elements(HTMLParser):
        found: list[str]

        def handle_starttag(self, tag, attributes):
            self.found.append(tag)
            assert not any(name.startswith("on") or name == "style" for name, _ in attributes)

    made = Pages(ranked, styles, site_facts(ranked.results, [], comparable=False))
    for page in (made.index(), made.method(HOSTILE), made.image(0, None), made.images()):
        parser = Elements()
        parser.found = []
        parser.feed(page)
        assert "img" not in parser.found
        assert parser.found.count("script") <= 1
        assert "\u202e" not in page
    text = grid.markdown(tables.board_grid(ranked))
    markdown = [line for line in text.splitlines() if line.startswith("| ")]
    assert len({len(re.findall(r"(?<!\\)\|", line)) for line in markdown}) == 1
    assert "<img" not in re.sub(r"\\<", "", text)
    assert "\\_" in grid.latex(tables.board_grid(ranked))
    records = list(csv.DictReader(io.StringIO(tables.quality_csv(ranked))))
    assert HOSTILE in {record["method"] for record in records}
    column = board.column_of("l1.hole")
    drawing = chart.svg(plots.quality_against_latency(ranked.by_size[64], column, styles))
    assert "<img" not in drawing
    assert "&lt;img" in drawing


@pytest.mark.parametrize("name", ["..", "../../x", "CON", "a/b", "", "  ", "é🎨", "-rf", "A", "a"])
def test_a_stranger_s_name_makes_a_harmless_file_name(name):
    assert re.fullmatch(r"[a-z0-9][a-z0-9-]*", slug(name))
    assert slug(name) != slug(f"{name} ")


def test_the_command_to_measure_again_is_one_safe_line(results):
    honest = read_result(results[0])
    method = honest.method.model_copy(update={"spec": "x; rm -rf ~\n$(id) 'q'"})
    words = shlex.split(command(honest.model_copy(update={"method": method})))
    assert words[:4] == ["df8k", "evaluate", "--method", "x; rm -rf ~ $(id) 'q'"]
    assert words[words.index("--sizes") + 1] == "64,100"


@pytest.mark.parametrize(
    ("field", "value"),
    [("parameters", -1), ("parameters", float("nan")), ("name", None), ("licence", ["a"]), ("name", 7)],
)
def test_numbers_and_texts_of_another_kind_are_refused(results, tmp_path, field, value):
    content = json.loads(results[0].read_text())
    content["method"][field] = value
    path = tmp_path / "bad.json"
    path.write_text(json.dumps(content))
    with pytest.raises(leaderboard.LeaderboardError, match=f"method.{field}|JSON"):
        read_result(path)


def test_a_negative_latency_is_refused(results, tmp_path):
    content = json.loads(results[0].read_text())
    content["sizes"][0]["latency"]["median_s"] = -1.0
    path = tmp_path / "bad.json"
    path.write_text(json.dumps(content))
    with pytest.raises(leaderboard.LeaderboardError, match=r"latency\.median_s"):
        read_result(path)


def test_a_negative_or_absent_latency_is_not_drawn(results):
    of_size = board.rank([read_result(path) for path in results]).by_size[64]
    entries = of_size.entries
    bad = entries[0].size_result.model_copy(
        update={"latency": entries[0].size_result.latency.model_copy(update={"median_s": -1.0})}
    )
    gone = entries[1].size_result.model_copy(update={"latency": None})
    edited = [
        replace(entry, size_result=part, timing=timing_of(entry.result.method, part, []))
        for entry, part in zip(entries, (bad, gone, entries[2].size_result), strict=True)
    ]
    drawn = plots.quality_against_latency(
        board.Board(edited), board.column_of("l1.hole"), method_styles(of_size.methods)
    ).to_dict()
    values = drawn["layer"][1]["data"]["values"] if "data" in drawn["layer"][1] else drawn["data"]["values"]
    assert [row["method"] for row in values] == [entries[2].name]


def test_the_pareto_front_is_what_none_beats_in_both():
    points = [(1.0, 5.0), (2.0, 5.0), (2.0, 3.0), (3.0, 4.0), (9.0, 1.0), (1.0, 6.0)]
    beaten = {
        i for i, (x, y) in enumerate(points) for u, v in points if (u <= x and v <= y) and (u < x or v < y)
    }
    front = plots.pareto_front(points, higher_is_better=False)
    assert set(front) == set(range(len(points))) - beaten
    assert plots.pareto_front([(x, -y) for x, y in points], higher_is_better=True) == front


def test_the_exponent_is_that_of_the_pixels():
    sides = [512.0, 1024.0, 4096.0]
    assert power_law(
        [side * side for side in sides], [3e-5 * side**2.5 for side in sides]
    ).slope == pytest.approx(1.25)
    assert power_law([512.0**2], [1.0]) is None


def test_results_from_before_metrics_of_sets_still_load():
    found = read_result(GOLDEN / "schema-1-first.json")
    assert found.sizes[0].distributions == {}
    assert len(board.rank([found]).entries) == 3


def test_a_folder_of_something_else_is_never_replaced(results, tmp_path):
    (tmp_path / "pages").mkdir()
    (tmp_path / "pages" / "thesis.tex").write_text("mine")
    with pytest.raises(leaderboard.LeaderboardError, match="was not made by this command"):
        build_site(results[:1], tmp_path)
    assert relative_files(tmp_path) == ["pages/thesis.tex"]


def test_building_twice_gives_identical_files(results, dataset, site, tmp_path):
    folders = {path.stem: path.parent / path.stem for path in results}
    for _ in range(2):
        build_site(results, tmp_path / "again", dataset=dataset, predictions=folders, workers=2)
    first = site.page.parent
    assert relative_files(first) == relative_files(tmp_path / "again")
    for name in relative_files(first):
        assert (first / name).read_bytes() == (tmp_path / "again" / name).read_bytes(), name


def test_an_edited_result_is_refused(results, tmp_path):
    path = tmp_path / "edited.json"
    content = json.loads(results[1].read_text())
    content["sizes"][0]["metrics"]["l1.hole"]["mean"] *= 0.9
    path.write_text(json.dumps(content))
    with pytest.raises(leaderboard.LeaderboardError, match=r"edited.parquet cannot be read"):
        validate(path)
    path.with_suffix(".parquet").write_bytes(results[1].with_suffix(".parquet").read_bytes())
    assert any("its per-image values give" in fault for fault in validate(path))
    with pytest.raises(leaderboard.LeaderboardError, match="size 64: metrics says"):
        build_site([path], tmp_path / "site")
    assert not (tmp_path / "site").exists()
    assert validate(results[1]) == []


def test_untrained_methods_stay_off_the_board(dataset, fake, tmp_path):
    path = tmp_path / "fresh.json"
    leaderboard.evaluate(fake(lambda i, _m: i, untrained=True), dataset, sizes=[64], out=path)
    with pytest.raises(leaderboard.LeaderboardError, match="untrained weights"):
        build_site([path], tmp_path / "site")


def test_results_of_different_images_are_not_ranked_together(results, dataset, fake, tmp_path):
    path = tmp_path / "few.json"
    plan = leaderboard.Evaluation(sizes=[64], limit=2)
    leaderboard.evaluate(fake(lambda i, _m: i), dataset, evaluation=plan, out=path)
    with pytest.raises(leaderboard.LeaderboardError, match="give results of the same images"):
        build_site([results[0], path], tmp_path / "site")
    with pytest.raises(leaderboard.LeaderboardError, match="both measure mean at size 64"):
        build_site([results[0], results[0]], tmp_path / "site")
    with pytest.raises(leaderboard.LeaderboardError, match="no results"):
        build_site([], tmp_path / "site")


@pytest.mark.parametrize(
    ("edit", "finding"),
    [
        (lambda content: content.pop("method"), "method: Field required"),
        (lambda content: content.update(schema_version=99), "has schema 99"),
        (lambda content: content.update(suprise=1), "suprise: Extra inputs"),
        (lambda content: content["sizes"][0].update(n="many"), "sizes.0.n"),
    ],
)
def test_a_file_that_is_no_result_is_named(results, tmp_path, edit, finding):
    content = json.loads(results[0].read_text())
    edit(content)
    path = tmp_path / "bad.json"
    path.write_text(json.dumps(content))
    with pytest.raises(leaderboard.LeaderboardError, match=finding):
        read_result(path)


def test_a_failed_size_stands_on_the_board_without_numbers(dataset, fake, results, tmp_path):
    def broken(_image, _mask):
        raise RuntimeError("never works")

    path = tmp_path / "broken.json"
    leaderboard.evaluate(fake(broken, "broken"), dataset, sizes=[64], out=path)
    site = build_site([*results, path], tmp_path / "site")
    entry = next(entry for entry in site.entries if entry.result.method.name == "broken")
    assert entry.rank is None
    assert tables.cells(entry, site.board.columns)[5:13] == ["–"] * 8
    assert "broken at size 64: 6 error" in site.page.read_text()

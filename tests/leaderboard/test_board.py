"""From results to tables, plot and page: the numbers are right and strangers' texts are harmless."""

import csv
import io
import json
import re
from base64 import b64encode
from hashlib import sha256
from html.parser import HTMLParser

import numpy as np
import pytest
from PIL import Image
from skimage.metrics import peak_signal_noise_ratio, structural_similarity

import leaderboard
from leaderboard import board, plots, tables
from leaderboard.protocol import square_task
from leaderboard.results import read_result
from leaderboard.site import build_site, page
from leaderboard.validate import validate

HOSTILE = "<img src=x onerror=alert(1)>|\"'&`*_[a](javascript:b){{7*7}}\n" + "é🎨\u202eabc" + "x" * 400


@pytest.fixture(scope="module")
def site(results, tmp_path_factory):
    out = tmp_path_factory.mktemp("board") / "site"
    return build_site(results, out)


def hostile(results):
    honest = read_result(results[0])
    method = honest.method.model_copy(update={"name": HOSTILE, "summary": HOSTILE, "source": HOSTILE})
    return board.rank([honest.model_copy(update={"method": method}), read_result(results[1])])


def test_every_file_is_written(site):
    assert {path.name for path in site.page.parent.iterdir()} == {
        "index.html",
        *(f"leaderboard.{suffix}" for suffix in ("md", "tex", "csv", "json", "svg", "png")),
    }
    Image.open(site.page.parent / "leaderboard.png").verify()


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
        of_size = sorted((row for row in found if row["size"] == size), key=lambda row: float(row["l1.hole"]))
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
    assert all(line.count("|") == len(tables.header(board.columns(site.entries))) + 1 for line in lines)
    assert (folder / "leaderboard.tex").read_text().count(r"\\") == 7


def test_the_best_of_each_size_is_marked(site):
    records = json.loads((site.page.parent / "leaderboard.json").read_text())
    marked = tables.best(site.entries, board.columns(site.entries))
    for key, pick in (("l1.full", min), ("psnr.hole", max), ("ssim.hole", max)):
        for size in (64, 100):
            rows = [(index, row[key]) for index, row in enumerate(records) if row["size"] == size]
            best = pick(value for _, value in rows)
            assert {index for index, value in rows if value == best} == {
                index for index, found in marked if found == key and records[index]["size"] == size
            }


def test_the_page_is_self_contained_and_runs_no_script_but_its_own(site):
    text = site.page.read_text()
    scripts = re.findall(r"<script>(.*?)</script>", text, re.DOTALL)
    digest = b64encode(sha256(scripts[0].encode()).digest()).decode()
    assert len(scripts) == 1
    assert f"script-src 'sha256-{digest}'" in text
    assert "default-src 'none'" in text
    links = re.findall(r'(?:src|href)="([^"]*)"', text)
    assert all(link.startswith(("data:", "leaderboard.")) for link in links)


def test_hostile_texts_stay_texts(results):
    entries = hostile(results)

    class Elements(HTMLParser):
        found: list[str]

        def handle_starttag(self, tag, attributes):
            self.found.append(tag)
            assert not any(name.startswith("on") for name, _ in attributes)

    parser = Elements()
    parser.found = []
    parser.feed(page(entries, "<svg/>"))
    assert parser.found.count("img") == 1  # the plot
    assert parser.found.count("script") == 1
    markdown = [line for line in tables.markdown(entries).splitlines() if line.startswith("| ")]
    assert len({len(re.findall(r"(?<!\\)\|", line)) for line in markdown}) == 1
    assert "<img" not in re.sub(r"\\<", "", tables.markdown(entries))
    assert "\\_" in tables.latex(entries)
    records = list(csv.DictReader(io.StringIO(tables.comma_separated(entries))))
    assert HOSTILE in {record["method"] for record in records}
    assert "alert" in plots.svg(plots.quality_against_latency(entries))
    assert "<img" not in plots.svg(plots.quality_against_latency(entries))


def test_building_twice_gives_identical_files(results, site, tmp_path):
    build_site(results, tmp_path / "again")
    for path in site.page.parent.iterdir():
        assert path.read_bytes() == (tmp_path / "again" / path.name).read_bytes(), path.name


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
    assert tables.cells(entry, board.columns(site.entries))[3:11] == ["–"] * 8
    assert "broken at size 64: 6 error" in site.page.read_text()

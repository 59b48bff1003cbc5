"""What methods are given, as files: the way to the board for those that run elsewhere."""

import cv2
import numpy as np

import leaderboard
import masks
from leaderboard.harness.method_inputs import write_inputs
from leaderboard.protocol.task import fits, make_task


def test_the_files_are_what_the_protocol_hands_over(dataset, tmp_path):
    plan = leaderboard.Evaluation(sizes=[64, 100, "native"])
    counts = write_inputs(dataset, plan, tmp_path)
    expected = {str(size): sum(fits(s.metadata, size) for s in dataset) for size in plan.sizes}
    assert counts == expected
    for size in plan.sizes:
        for sample in dataset:
            path = tmp_path / str(size) / "images" / f"{sample.id}.png"
            assert path.exists() == fits(sample.metadata, size)
            if path.exists():
                image, mask = make_task(sample, size).method_input()
                assert np.array_equal(cv2.imread(str(path))[..., ::-1], image)
                assert not image[mask].any()
                assert np.array_equal(masks.decode_png(path.parents[1] / "masks" / path.name), mask)


def test_an_interrupted_call_goes_on(dataset, tmp_path):
    plan = leaderboard.Evaluation(sizes=[64], limit=2)
    write_inputs(dataset, plan, tmp_path)
    first, second = sorted((tmp_path / "64/images").iterdir())
    second.unlink()
    kept = first.stat().st_mtime_ns
    write_inputs(dataset, plan, str(tmp_path))
    assert first.stat().st_mtime_ns == kept
    assert second.exists()


def test_pictures_filled_from_these_files_score_as_the_method_itself(dataset, tmp_path):
    plan = leaderboard.Evaluation(sizes=[64, 100])
    write_inputs(dataset, plan, tmp_path / "inputs")
    for path in (tmp_path / "inputs").glob("*/images/*.png"):
        hole = cv2.imread(str(path.parents[1] / "masks" / path.name), cv2.IMREAD_GRAYSCALE)
        filled = tmp_path / "filled" / path.parents[1].name / path.name
        filled.parent.mkdir(parents=True, exist_ok=True)
        cv2.imwrite(str(filled), cv2.inpaint(cv2.imread(str(path)), hole, 3, cv2.INPAINT_NS))

    def ns(image, mask):
        return cv2.inpaint(image[..., ::-1].copy(), mask.astype(np.uint8), 3, cv2.INPAINT_NS)[..., ::-1]

    scored = leaderboard.score(tmp_path / "filled", dataset, name="elsewhere", evaluation=plan).result
    direct = leaderboard.evaluate(ns, dataset, evaluation=plan)
    assert direct.method.name == "ns"
    for here, there in zip(direct.sizes, scored.sizes, strict=True):
        assert here.metrics == there.metrics


def test_results_are_tables_in_a_notebook(dataset):
    result = leaderboard.evaluate("mean", dataset, sizes=[64, 100], name="floor")
    frame = result.to_pandas()
    assert list(frame["size"]) == [64, 100]
    assert set(frame["method"]) == {"floor"}
    assert frame["l1.hole"][0] == result.sizes[0].metrics["l1.hole"].mean
    assert repr(result) == "Result(floor on tiny 2: 64, 100)"
    assert "<table" in result._repr_html_()


def test_paths_may_be_text(dataset, tmp_path):
    out = str(tmp_path / "mean.json")
    leaderboard.evaluate("mean", dataset, sizes=[64], out=out, predictions=str(tmp_path / "filled"))
    assert leaderboard.read_result(out).method.spec == "mean"
    site = leaderboard.build_site([out], str(tmp_path / "site"), dataset=dataset)
    assert site.page.exists()

"""What a notebook shows and completes."""

import numpy as np
import pytest

import df8k
import leaderboard
import masks
from df8k.builder import build


@pytest.fixture(scope="module")
def dataset(tmp_path_factory):
    from PIL import Image

    from df8k.scenes import render

    folder = tmp_path_factory.mktemp("photos")
    for index in range(2):
        Image.fromarray(render("hills", 160, 128 + index, "notebook")).save(folder / f"{index}.png")
    config = df8k.BuildConfig(name="tiny", min_side=64, splits={"train": 0, "validation": 0, "test": 1})
    build(str(folder), str(folder.parent / "tiny-dataset"), config)
    return df8k.load(str(folder.parent / "tiny-dataset"))


def test_samples_are_named_by_id_and_short(dataset):
    sample = dataset[dataset[1].id]
    assert sample.id == dataset[1].id
    assert repr(sample).startswith(f"Sample({sample.id}, 160 x 12")
    assert len(repr(dataset[0].vector)) < 120
    assert repr(dataset) == f"Dataset(tiny {dataset.description.version}, test: 2 images)"
    with pytest.raises(df8k.DatasetError, match="no image 'absent'"):
        dataset["absent"]
    with pytest.raises(df8k.DatasetError, match="did you mean validation"):
        df8k.load(dataset.root, split="val")


def test_samples_show_their_hole(dataset):
    sample = dataset[0]
    drawn = np.asarray(sample.show(side=80))
    assert max(drawn.shape) == 80
    whole = np.asarray(sample.show(side=1000))
    assert np.array_equal(whole[~sample.mask], sample.image[~sample.mask])
    assert np.array_equal(whole, masks.overlay(sample.image, sample.mask))
    assert sample._repr_png_().startswith(b"\x89PNG")


def test_vectors_draw_their_exact_raster():
    import re

    vector = masks.synthesize(aspect=(3, 2), preset="df8k", key="notebook")
    runs = re.findall(r"M(\d+) (\d+)h(\d+)v1", vector._repr_svg_())
    drawn = np.zeros((213, 320), bool)
    for left, row, length in runs:
        drawn[int(row), int(left) : int(left) + int(length)] = True
    assert np.array_equal(drawn, vector.rasterize(320, 213))


def test_a_missing_folder_names_its_neighbour(dataset):
    with pytest.raises(df8k.DatasetError, match=r"does not exist: did you mean .*tiny-dataset"):
        df8k.load(dataset.root.with_name("tiny-datset"))


@pytest.mark.parametrize("package", [df8k, leaderboard])
def test_completion_lists_the_public_names(package):
    assert dir(package) == sorted(package.__all__)
    for name in package.__all__:
        assert getattr(package, name) is not None


def test_functions_stay_functions_whatever_was_imported_before():
    """A submodule of the same name would take the function's place once anything has imported it."""
    import pkgutil

    modules = {module.name for module in pkgutil.iter_modules(df8k.__path__)}
    assert modules & set(df8k.__all__) == {"baselines", "leaderboard", "masks", "metrics"}


def test_an_aspect_that_is_no_pair_is_a_mask_error():
    with pytest.raises(masks.MaskError, match="width, height"):
        masks.synthesize(aspect=1.5, preset="df8k", key="x")


def test_one_metric_may_be_named_by_text():
    import metrics

    image = np.zeros((16, 16, 3), np.uint8)
    assert set(metrics.compute(image, image, np.eye(16, dtype=bool), names="l1")) >= {"l1.full", "l1.hole"}


def test_an_overlay_needs_a_picture_of_the_masks_size():
    with pytest.raises(masks.MaskError, match="its mask"):
        masks.overlay(np.zeros((4, 5, 3), np.uint8), np.eye(4, dtype=bool))


def test_masks_are_shown_with_and_without_a_picture():
    vector = masks.synthesize(aspect=(3, 2), preset="df8k", key="notebook")
    assert masks.show(vector, side=90).size == (90, 60)
    hole = np.zeros((20, 30), bool)
    hole[5:10, 5:10] = True
    picture = np.full((20, 30, 3), 7, np.uint8)
    assert np.array_equal(np.asarray(masks.show(hole, picture)), masks.overlay(picture, hole))
    assert np.asarray(masks.show(hole))[0, 0].tolist() == [255, 255, 255]


def test_signatures_name_their_types_plainly():
    import inspect

    assert "FieldInfo" not in str(inspect.signature(leaderboard.evaluate))

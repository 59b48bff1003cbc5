"""What was scored is what a site shows: one reader, whatever the container, colours or damage."""

import importlib.util
import io
import shutil
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageCms

import leaderboard
from leaderboard.protocol.task import square_task
from leaderboard.results.filled_pictures import is_lossy

PLAN = leaderboard.Evaluation(sizes=[64])


@pytest.fixture
def filled(results, tmp_path):
    return shutil.copytree(results[1].parent / "telea", tmp_path / "telea")


def scored(folder, dataset, tmp_path):
    out = tmp_path / "x.json"
    return leaderboard.score(folder, dataset, name="x", evaluation=PLAN, out=out, overwrite=True), out


def shown(out, folder, dataset, tmp_path):
    """Gives the folder of the site's pictures."""
    site = leaderboard.build_site([out], tmp_path / "site", dataset=dataset, predictions={"x": folder})
    return site.page.parent / "pages" / "pictures"


def of(pictures, image_id):
    return pictures / image_id / "64" / "whole-method-x.webp"


def saved(picture, path, **options):
    Image.fromarray(picture).save(path, **options)


@pytest.mark.parametrize(
    ("suffix", "options"),
    [
        (".PNG", {"format": "PNG"}),
        (".tif", {"format": "TIFF"}),
        (".webp", {"format": "WEBP", "lossless": True, "exact": True}),
        (".bmp", {"format": "BMP"}),
    ],
)
def test_every_container_that_is_scored_is_shown(filled, dataset, tmp_path, suffix, options):
    first = dataset[0].id
    file = filled / "64" / f"{first}.png"
    picture = np.asarray(Image.open(file))
    file.unlink()
    saved(picture, file.with_suffix(suffix), **options)
    result, out = scored(filled, dataset, tmp_path)
    assert result.warnings == []
    assert result.result.sizes[0].n == len(dataset)
    assert np.array_equal(np.asarray(Image.open(of(shown(out, filled, dataset, tmp_path), first))), picture)


def adobe_rgb():
    """A profile of Adobe RGB's primaries and gamma, as the tests of decoding write it."""
    path = Path(__file__).parents[2] / "_df8k" / "decoding" / "colours.py"
    spec = importlib.util.spec_from_file_location("colours_of_decoding", path)
    colours = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(colours)
    return colours.profile(ADOBE, 2.2)


ADOBE = ((0.64, 0.33), (0.21, 0.71), (0.15, 0.06), (0.3127, 0.3290))


def test_a_profile_is_applied_to_what_is_scored_and_to_what_is_shown(filled, dataset, tmp_path):
    from df8k.images import decode

    sample = dataset[0]
    file = filled / "64" / f"{sample.id}.png"
    picture = np.asarray(Image.open(file))
    plain, _out = scored(filled, dataset, tmp_path)
    saved(picture, file, icc_profile=adobe_rgb())
    converted = decode(file.read_bytes())
    assert abs(converted.astype(int) - picture).max() > 4
    result, out = scored(filled, dataset, tmp_path)
    assert result.result.sizes[0].metrics["l1.hole"] != plain.result.sizes[0].metrics["l1.hole"]
    expected = square_task(sample, 64).composite(converted)
    assert np.array_equal(
        np.asarray(Image.open(of(shown(out, filled, dataset, tmp_path), sample.id))), expected
    )


def test_a_turned_prediction_is_shown_as_it_was_scored(filled, dataset, tmp_path):
    from df8k.images import decode

    sample = dataset[0]
    file = filled / "64" / f"{sample.id}.png"
    picture = np.asarray(Image.open(file))
    exif = Image.Exif()
    exif[0x0112] = 3
    saved(np.ascontiguousarray(picture[::-1, ::-1]), file, exif=exif)
    _result, out = scored(filled, dataset, tmp_path)
    task = square_task(sample, 64)
    expected = task.composite(decode(file.read_bytes()))
    assert np.array_equal(decode(file.read_bytes()), picture)
    assert np.array_equal(
        np.asarray(Image.open(of(shown(out, filled, dataset, tmp_path), sample.id))), expected
    )


@pytest.mark.parametrize("fault", ["truncated", "transparent", "empty", "text", "another size"])
def test_refused_files_fail_one_image_and_are_not_shown(filled, dataset, tmp_path, fault):
    first, second = dataset[0].id, dataset[1].id
    file = filled / "64" / f"{first}.png"
    picture = np.asarray(Image.open(file))
    if fault == "truncated":
        file.write_bytes(file.read_bytes()[: file.stat().st_size // 2])
    elif fault == "transparent":
        saved(np.dstack([picture, np.full(picture.shape[:2], 90, np.uint8)]), file)
    elif fault == "another size":
        saved(picture[:40], file)
    else:
        file.write_bytes(b"" if fault == "empty" else b"<html>no picture</html>")
    result, out = scored(filled, dataset, tmp_path)
    assert sum(result.result.sizes[0].failures.values()) == 1
    pictures = shown(out, filled, dataset, tmp_path)
    assert not of(pictures, first).exists()
    assert of(pictures, second).exists()


def test_a_file_that_is_damaged_after_scoring_does_not_end_the_site(filled, dataset, tmp_path):
    _result, out = scored(filled, dataset, tmp_path)
    file = filled / "64" / f"{dataset[0].id}.png"
    file.write_bytes(file.read_bytes()[:300])
    assert not of(shown(out, filled, dataset, tmp_path), dataset[0].id).exists()


def test_a_flat_folder_is_shown_as_it_was_scored(filled, dataset, tmp_path):
    _result, out = scored(filled / "64", dataset, tmp_path)
    assert of(shown(out, filled / "64", dataset, tmp_path), dataset[0].id).exists()


@pytest.mark.parametrize("name", ["._{}.png", ".{}.png.swp", ".DS_Store", "Thumbs.db", "desktop.ini"])
def test_droppings_are_passed_over(filled, dataset, tmp_path, name):
    (filled / "64" / name.format(dataset[0].id)).write_bytes(b"\x00\x05\x16\x07")
    (filled / "64" / "__MACOSX").mkdir()
    (filled / "64" / "@eaDir.png").mkdir()
    result, _out = scored(filled, dataset, tmp_path)
    assert (result.orphans, result.warnings, result.result.sizes[0].failures) == ([], [], {})


def test_lossiness_is_told_by_content(tmp_path):
    y, x = np.mgrid[0:40, 0:56]
    picture = np.stack([x * 4, y * 6, x + y], axis=2).astype(np.uint8)
    forms = {
        "jpeg.png": ({"format": "JPEG"}, True),
        "png.jpg": ({"format": "PNG"}, False),
        "lossless.webp": ({"format": "WEBP", "lossless": True}, False),
        "lossy.webp": ({"format": "WEBP", "quality": 95}, True),
        "lossy.png": ({"format": "WEBP", "quality": 95}, True),
        "exif.webp": ({"format": "WEBP", "quality": 95, "exif": b"Exif\x00\x00II*\x00"}, True),
        "profile.webp": (
            {
                "format": "WEBP",
                "lossless": True,
                "icc_profile": ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes(),
            },
            False,
        ),
        "jpeg.tif": ({"format": "TIFF", "compression": "jpeg"}, True),
        "lzw.tif": ({"format": "TIFF", "compression": "tiff_lzw"}, False),
        "plain.bmp": ({"format": "BMP"}, False),
    }
    for name, (options, lossy) in forms.items():
        saved(picture, tmp_path / name, **options)
        assert is_lossy(tmp_path / name) == lossy, name
    (tmp_path / "none.png").write_bytes(b"nothing")
    assert not is_lossy(tmp_path / "none.png")
    cut = io.BytesIO()
    Image.fromarray(picture).save(cut, "WEBP", quality=90)
    (tmp_path / "cut.webp").write_bytes(cut.getvalue()[:60])
    assert is_lossy(tmp_path / "cut.webp") in {True, False}

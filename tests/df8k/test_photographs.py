"""Real photographs: the labelled challenge, the same pictures perturbed, and UHD photos to keep."""

import csv
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import cv2
import pyarrow.parquet as pq
import pytest

import df8k
from df8k.builder import build
from df8k.checks import Picture, complete, inspect, score_names
from df8k.checks.persons import centerface, nanodet
from df8k.config import CURATED, BuildConfig, read_config
from df8k.curation.splits import assign_splits
from df8k.identity import ID_LENGTH, pixel_sha256
from df8k.images import Rejected, decode
from df8k.recipe import read_recipe
from df8k.sources import candidates
from df8k.verification import verify

pytestmark = pytest.mark.shared

# A jumping silhouette is no posture that the weight-free detector knows: it must be on the review list.
UNCERTAIN = "person-silhouette.jpg"


def build_rows(folder: Path, out: Path, detector: str = "hog+faces") -> dict[str, dict]:
    # Learned detectors would find more, where their weights are; other verdicts are the weight-free one's.
    changes = CURATED | {"curation": {"person": {"detector": detector}}}
    build(candidates([str(folder)]), out, read_config(None, **changes), workers=2)
    return {row["key"]: row for row in pq.read_table(out / "manifest.parquet").to_pylist()}


@pytest.fixture(scope="module")
def labels(shared):
    with (shared / "curation-challenge/labels.csv").open(newline="") as file:
        return {row["file"]: row for row in csv.DictReader(file)}


@pytest.fixture(scope="module")
def challenge(shared, tmp_path_factory):
    return build_rows(shared / "curation-challenge", tmp_path_factory.mktemp("challenge") / "dataset")


def test_every_verdict_and_reason_is_the_labelled_one(challenge, labels):
    assert challenge.keys() == labels.keys()
    decided = {name: (row["decision"], row["reason"]) for name, row in challenge.items()}
    expected = {
        name: ("keep" if row["expected"] == "accept" else "reject", row["reason"])
        for name, row in labels.items()
    }
    assert decided.pop(UNCERTAIN) in {("keep", ""), ("reject", "person")}
    expected.pop(UNCERTAIN)
    assert decided == expected


def test_the_uncertain_person_is_on_the_review_list(challenge):
    row = challenge[UNCERTAIN]
    assert row["reason"] == "person" or "perhaps a person: hog+faces, hog response" in row["doubt"]


def test_the_challenge_with_the_detectors_of_faces_and_bodies(shared, labels, tmp_path):
    """All 24, the silhouette among them, who has no face and no pedestrian's posture."""
    if not (centerface.usable() and nanodet.usable()):
        pytest.skip("df8k weights fetch face-detector body-detector body-detector-graph")
    rows = build_rows(shared / "curation-challenge", tmp_path / "dataset", "centerface+nanodet")
    expected = {name: "keep" if row["expected"] == "accept" else "reject" for name, row in labels.items()}
    assert {name: row["decision"] for name, row in rows.items()} == expected
    for name in ("person-silhouette.jpg", "person-beach-dress.jpg"):
        assert rows[name]["reason"] == "person"


def test_near_duplicates_name_the_one_that_is_kept(challenge):
    original = challenge["original-windmill.jpg"]["id"]
    copies = [row for name, row in challenge.items() if name.startswith("near-duplicate")]
    assert {row["duplicate_of"] for row in copies} == {original}
    assert challenge["cmyk.jpg"]["duplicate_of"] == challenge["exif-rotated.jpg"]["id"]


def test_every_decoded_picture_has_every_score(challenge):
    for name, row in challenge.items():
        scores = [value for column, value in row.items() if column.startswith("score_")]
        assert len(scores) == len(score_names())
        assert (None in scores) == (row["reason"] in {"decode", "alpha"}), name


def test_the_turned_photo_comes_out_upright(challenge):
    assert (challenge["exif-rotated.jpg"]["width"], challenge["exif-rotated.jpg"]["height"]) == (2700, 1800)


def test_sixteen_bits_keep_their_highlights(shared):
    """Clipping at 255 would turn all but the darkest 1/257 of the samples white."""
    pixels = decode((shared / "curation-challenge/sixteen-bit.png").read_bytes())
    assert (pixels == 255).mean() < 0.2
    assert pixels.std() > 20


# Photographs that have been looked at: the test split of version 1, and ten more by key.
VALIDATION = [
    "alvaro-araoz",
    "andrew-ridley",
    "bridge",
    "carmine-de-fazio",
    "garden-in-the-autumn",
    "grand-park",
    "jamie-muller-kudu",
    "jumpington",
    "lionello-delpiccolo",
    "lucian-dachman-qxo2pbn7eku",
    "maple-leaf-by-aaron-burden",
    "morskie-oko",
    "mountains-of-north-iran",
    "pablo-garcia-saldana",
    "paris-la-tour-eiffel",
    "pawel-czerwinski-hippos",
    "perito-moreno-glacier",
    "purple-dream",
    "rob-bye",
    "ryan-schroeder",
    "serenity",
    "snow-on-balanced-rock",
    "sydney",
    "the-elder-stick",
    "vale-nevado-verao-2",
]


def test_the_blind_recipe_keeps_what_has_been_looked_at_out_of_the_test(shared):
    """galen-crout.jpg is monochrome and passes no check: no image of the dataset."""
    photos = [path for path in sorted((shared / "photos").glob("*.jpg")) if path.stem != "galen-crout"]
    names = {pixel_sha256(decode(path.read_bytes()))[:ID_LENGTH]: path.stem for path in photos}
    splits = assign_splits(names, read_recipe("df8k-blind").config())
    assert sorted(names[image] for image, split in splits.items() if split == "validation") == VALIDATION
    assert Counter(splits.values()) == {"validation": 25, "test": 50}


def cropped(pixels):
    height, width = pixels.shape[:2]
    # An odd number of pixels: the JPEG grid does not start at the corner any more.
    top, left = round(0.02 * height) | 1, round(0.02 * width) | 1
    return pixels[top:-top, left:-left]


def scaled(factor):
    return lambda pixels: cv2.resize(pixels, None, fx=factor, fy=factor, interpolation=cv2.INTER_CUBIC)


PERTURBATIONS = {"crop": (cropped, 98), "smaller": (scaled(0.97), 98), "larger": (scaled(1.03), 98)}
PERTURBATIONS["recompressed"] = (lambda pixels: pixels, 90)


@pytest.mark.parametrize("name", PERTURBATIONS)
def test_thresholds_are_not_fitted_to_single_files(name, shared, labels, tmp_path):
    """Slightly other pictures, the same verdicts; a file that does not decode cannot be perturbed."""
    change, quality = PERTURBATIONS[name]
    folder = tmp_path / "perturbed"
    folder.mkdir()
    for key, label in labels.items():
        if label["reason"] in {"decode", "alpha"}:
            continue
        pixels = change(decode((shared / "curation-challenge" / key).read_bytes()))
        cv2.imwrite(
            str(folder / key.replace(".png", ".jpg")),
            cv2.cvtColor(pixels, cv2.COLOR_RGB2BGR),
            (cv2.IMWRITE_JPEG_QUALITY, quality),
        )
    rows = build_rows(folder, tmp_path / "out")
    for key, row in rows.items():
        label = labels.get(key) or labels[key.replace(".jpg", ".png")]
        if key == UNCERTAIN:
            assert row["reason"] == "person" or row["doubt"]
        elif key in {"cmyk.jpg", "exif-rotated.jpg"}:
            # Without its CMYK storage the one copy is as good as the other.
            assert row["reason"] in {"", "near-duplicate"}
        else:
            assert row["reason"] == label["reason"], (key, row["detail"])


def _reason(path: Path) -> str:
    cv2.setNumThreads(1)
    try:
        return inspect(
            Picture(decode(path.read_bytes())),
            complete({"resolution": {"min_side": 1024}, "person": {"detector": "hog+faces"}}),
        ).reason
    except Rejected as rejection:
        return rejection.reason


def test_good_photographs_are_kept(shared):
    """galen-crout.jpg is monochrome to the last pixel; everything else stays."""
    photos = sorted((shared / "photos").glob("*.jpg"))
    with ThreadPoolExecutor(2) as pool:
        reasons = dict(zip([path.name for path in photos], pool.map(_reason, photos), strict=True))
    lost = {name: reason for name, reason in reasons.items() if reason}
    assert lost == {"galen-crout.jpg": "grayscale"}
    assert len(reasons) - len(lost) >= 73


def test_a_dataset_of_uhd_photos_verifies(shared, tmp_path):
    config = BuildConfig(limit=4, splits={"train": 0, "validation": 0.5, "test": 0.5})
    build(candidates([str(shared / "photos")]), tmp_path / "out", config, workers=2)
    assert verify(tmp_path / "out", workers=2) == []
    for sample in df8k.load(tmp_path / "out"):
        assert min(sample.image.shape[:2]) >= 1024
        assert 0.3 <= sample.mask.mean() <= 0.5
        assert sample.metadata["licence"]

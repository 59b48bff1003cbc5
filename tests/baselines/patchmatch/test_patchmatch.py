"""PatchMatch: textures go on, bytes repeat, memory is bounded, and full size costs what the hole costs."""

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from scipy.ndimage import gaussian_filter

import baselines
import metrics
from baselines.multigrid import correction, hierarchy
from baselines.patchmatch.enlargement import edge_weights, paint
from baselines.patchmatch.reduction import reduced

MIB = 2**20


def stripes(side):
    """Slanted stripes with grain."""
    y, x = np.mgrid[:side, :side]
    grey = (
        128 + 80 * np.sign(np.sin((x + 0.4 * y) / 5)) + np.random.default_rng(1).normal(0, 10, (side, side))
    )
    return colours(grey)


def pebbles(side):
    """Bright grains on a dark ground."""
    field = gaussian_filter(np.random.default_rng(2).normal(size=(side, side)), 2)
    return colours(128 + 90 * np.tanh(12 * field))


def weave(side):
    """Squares of a chessboard with grain."""
    y, x = np.mgrid[:side, :side]
    return colours(90 + 90 * ((x // 9 + y // 9) % 2) + np.random.default_rng(3).normal(0, 12, (side, side)))


def colours(grey):
    tint = np.array([1.0, 0.9, 0.75])
    return np.clip(np.rint(grey[..., None] * tint), 0, 255).astype(np.uint8)


TEXTURES = {"stripes": stripes, "pebbles": pebbles, "weave": weave}


def disc(side, radius):
    y, x = np.mgrid[:side, :side]
    return (y - 0.5 * side) ** 2 + (x - 0.45 * side) ** 2 < radius**2


def zeroed(image, mask):
    return np.where(mask[..., None], 0, image).astype(np.uint8)


def energy(image, mask):
    """Mean squared step between horizontal neighbours that are both missing."""
    step = np.diff(image.astype(float), axis=1)[mask[:, 1:] & mask[:, :-1]]
    return float((step**2).mean())


@pytest.mark.parametrize("texture", TEXTURES)
def test_a_texture_goes_on_where_the_harmonic_fill_is_a_fog(texture):
    image, mask = TEXTURES[texture](160), disc(160, 40)
    scores = {}
    for method in ("patchmatch", "random-sources", "harmonic"):
        output = baselines.load(method)(zeroed(image, mask), mask)
        values = metrics.compute(output, image, mask, names=["haarpsi"])
        scores[method] = energy(output, mask) / energy(image, ~mask), values["haarpsi.hole"]
    assert 0.7 < scores["patchmatch"][0] < 1.3
    assert scores["harmonic"][0] < 0.2
    assert scores["patchmatch"][1] > scores["harmonic"][1]


@pytest.mark.parametrize("texture", ["stripes", "weave"])
def test_regular_texture_is_matched_and_not_only_sharp(texture):
    image, mask = TEXTURES[texture](160), disc(160, 40)
    known, truth = zeroed(image, mask), image[mask].astype(float)
    matched, drawn = (
        np.abs(baselines.load(method)(known, mask)[mask] - truth).mean()
        for method in ("patchmatch", "random-sources")
    )
    assert matched < 0.7 * drawn


def test_colours_stay_where_they_belong():
    image = np.zeros((120, 160, 3), np.uint8)
    image[:60], image[60:] = (70, 120, 220), (60, 160, 40)
    image += np.random.default_rng(0).integers(0, 20, image.shape, dtype=np.uint8)
    mask = np.zeros((120, 160), bool)
    mask[30:90, 60:100] = True
    output = baselines.load("patchmatch")(zeroed(image, mask), mask)
    blue, green = output[30:56, 60:100].mean(axis=(0, 1)), output[64:90, 60:100].mean(axis=(0, 1))
    assert blue[2] - blue[1] > 60
    assert green[1] - green[2] > 60


def test_a_slow_change_of_colour_goes_on_without_steps():
    y, x = np.mgrid[:160, :160]
    image = colours(60 + 0.6 * x + 0.3 * y)
    mask = disc(160, 35)
    output = baselines.load("patchmatch")(zeroed(image, mask), mask)
    assert np.abs(output[mask] - image[mask].astype(float)).mean() < 2
    assert np.abs(np.diff(output.astype(int), axis=1)).max() <= 6


def test_the_correction_solves_poissons_equation():
    hole = disc(96, 30)
    noise = np.random.default_rng(0).normal(size=(*hole.shape, 4))
    source = np.where(hole[..., None], noise, 0).astype(np.float32)
    field = correction(source, hierarchy(hole), cycles=12)
    laplacian = sum(np.roll(field, step, axis) for step in (-1, 1) for axis in (0, 1)) - 4 * field
    assert np.abs(laplacian - source)[hole].max() < 1e-2
    assert not field[~hole].any()


def test_the_hole_is_copied_from_known_pixels_at_any_size():
    image, mask = pebbles(512), disc(512, 90)
    output = baselines.load("patchmatch", working_resolution=128)(zeroed(image, mask), mask)
    assert np.array_equal(output[~mask], image[~mask])
    assert energy(output, mask) == pytest.approx(energy(image, mask), rel=0.3)


def test_one_shift_without_a_difference_is_a_plain_copy():
    image = np.tile(pebbles(64), (2, 4, 1))
    mask = np.zeros(image.shape[:2], bool)
    mask[37:91, 70:117] = True
    working = reduced(zeroed(image, mask), mask, 64)
    shifts = np.zeros((*working.hole.shape, 2), np.int32)
    shifts[working.hole] = (0, 64 // working.scale)
    result = reduced(image, np.zeros_like(mask), 64).image
    output = zeroed(image, mask)
    paint(output, mask, working, result, shifts)
    assert working.scale == 4
    assert np.array_equal(output, image)


def test_the_window_weights_sum_to_one():
    for scale in (2, 3, 8, 16):
        assert edge_weights(scale).sum(axis=0) == pytest.approx(np.ones(scale))


@pytest.mark.parametrize("shape", [(300, 417), (1001, 515)])
def test_partial_cells_at_the_edges_are_filled_and_never_copied(shape):
    rng = np.random.default_rng(0)
    image = rng.integers(100, 156, (*shape, 3), dtype=np.uint8)
    mask = np.zeros(shape, bool)
    mask[-90:, -70:] = True
    mask[40:80, 30:75] = True
    output = baselines.load("patchmatch", working_resolution=128)(zeroed(image, mask), mask)
    assert np.array_equal(output[~mask], image[~mask])
    assert output[mask].min() > 60
    assert output[mask].max() < 196


def test_seeds_differ_and_the_same_seed_does_not():
    image, mask = pebbles(128), disc(128, 30)
    first, again, other = (
        baselines.load("patchmatch", seed=seed)(zeroed(image, mask), mask) for seed in (0, 0, 1)
    )
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)


def test_too_little_that_is_known_is_left_to_the_harmonic_fill():
    image, mask = pebbles(64), np.ones((64, 64), bool)
    mask[30:34] = False
    output = baselines.load("patchmatch")(zeroed(image, mask), mask)
    assert np.array_equal(output, baselines.load("harmonic")(zeroed(image, mask), mask))


@pytest.mark.parametrize("options", [{"working_resolution": 32}, {"texture": -1.0}])
def test_options_out_of_range_are_refused(options):
    with pytest.raises(baselines.MethodError, match=next(iter(options))):
        baselines.load("patchmatch", **options)


def test_the_card_says_what_changes_the_output():
    card = baselines.load("patchmatch", working_resolution=512, seed=3).card
    assert card.settings == {"working_resolution": 512, "texture": 7.0, "seed": 3}
    assert "control" in baselines.load("random-sources").card.summary


WORKER = """
import hashlib, json, sys, numba, numpy as np, baselines
from pathlib import Path
threads, height, width = json.loads(sys.argv[1])
numba.set_num_threads(threads)
def status(field):
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith(field))
rng = np.random.default_rng(0)
image = rng.integers(0, 256, (height, width, 3), dtype=np.uint8)
mask = np.zeros((height, width), bool)
mask[height // 3 : 2 * height // 3, width // 3 : 2 * width // 3] = True
image[mask] = 0
fill = baselines.load("patchmatch")
fill(image[:512, :512].copy(), np.eye(512, dtype=bool))
before = status("VmRSS")
output = fill(image, mask)
print(json.dumps([hashlib.sha256(output).hexdigest(), status("VmHWM") - before]))
"""


def run(threads, height, width):
    arguments = json.dumps([threads, height, width])
    done = subprocess.run(
        [sys.executable, "-c", WORKER, arguments],
        check=True,
        capture_output=True,
        text=True,
        timeout=300,
        env=os.environ | {"NUMBA_NUM_THREADS": "2"},
    )
    return json.loads(done.stdout)


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="needs Linux")
def test_threads_change_no_byte_and_memory_is_the_output_and_little_more():
    one, two = run(1, 1536, 2048), run(2, 1536, 2048)
    assert one[0] == two[0]
    assert max(one[1], two[1]) < 3 * 1536 * 2048 + 160 * MIB

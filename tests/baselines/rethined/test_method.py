"""The whole method on pictures: sizes, shares, leaks, options, weights, marks."""

import numba
import numpy as np
import pytest
import torch

import baselines
from baselines.rethined import build, fused, save_network
from baselines.rethined.method import Rethined
from baselines.rethined.network.geometry import CUT_PX

from .conftest import blobs, lively


@pytest.fixture(scope="module")
def method(tmp_path_factory):
    """A method whose network is away from its neutral start."""
    path = tmp_path_factory.mktemp("weights") / "lively.safetensors"
    save_network(lively(), path)
    return baselines.load("rethined", backend="torch", working_resolution=256, weights=path)


SHAPES = [(64, 64), (1, 1), (7, 300), (300, 7), (97, 63), (200, 1000), (1000, 200), (333, 517)]


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("share", [0.0, 0.02, 0.3, 0.8, 1.0])
def test_any_size_aspect_and_share(method, shape, share):
    rng = np.random.default_rng(0)
    image = rng.integers(0, 256, (*shape, 3)).astype(np.uint8)
    mask = np.zeros(shape, bool) if share == 0 else blobs(shape, share, sigma=max(1, min(shape) / 20))
    if share == 1:
        mask[:] = True
    before = image.copy()
    with np.errstate(all="raise"):
        output = method(image, mask)
    assert output.shape == image.shape
    assert output.dtype == np.uint8
    assert np.array_equal(image, before)
    assert np.array_equal(output[~mask], image[~mask])
    under = np.where(mask[..., None], 255 - image, image).astype(np.uint8)
    assert np.array_equal(method(under, mask), output)


def test_leaves_no_pixel_of_the_hole_unwritten(method, photo):
    mask = blobs(photo.shape[:2], 0.4)
    black, white = photo.copy(), photo.copy()
    black[mask], white[mask] = 0, 255
    assert np.array_equal(method(black, mask), method(white, mask))


@pytest.mark.parametrize("border", ["top", "left", "frame", "all-but-a-corner"])
def test_holes_at_the_border(method, photo, border):
    mask = np.zeros(photo.shape[:2], bool)
    if border == "top":
        mask[:200] = True
    elif border == "left":
        mask[:, :200] = True
    else:
        mask[:] = True
        inner = np.s_[150:-150, 150:-150] if border == "frame" else np.s_[-3:, -3:]
        mask[inner] = False
    output = method(photo, mask)
    assert np.array_equal(output[~mask], photo[~mask])
    if border == "all-but-a-corner":  # no patch is known, so the coarse result is enlarged
        assert method.trace(photo, mask).shifts is None


def test_writes_into_out_and_in_place(method, photo):
    mask = blobs(photo.shape[:2], 0.2)
    expected = method(photo, mask)
    out = np.empty_like(photo)
    assert method(photo, mask, out) is out
    assert np.array_equal(out, expected)
    own = photo.copy()
    method(own, mask, own)
    assert np.array_equal(own, expected)
    with pytest.raises(baselines.MethodError, match="out must be"):
        method(photo, mask, np.empty((3, 3, 3), np.uint8))


def test_accepts_views_that_are_not_contiguous(method, photo):
    mask = blobs(photo.shape[:2], 0.2)
    flipped = method(photo[::-1, ::2], mask[::-1, ::2])
    assert np.array_equal(flipped, method(photo[::-1, ::2].copy(), mask[::-1, ::2].copy()))


def test_is_deterministic(method, photo):
    mask = blobs(photo.shape[:2], 0.3)
    assert np.array_equal(method(photo, mask), method(photo, mask))


@pytest.mark.skipif(numba.config.NUMBA_NUM_THREADS < 2, reason="needs two threads")
def test_the_number_of_threads_of_the_matching_changes_no_byte(method):
    image = np.tile(np.random.default_rng(0).integers(0, 256, (40, 30, 3), dtype=np.uint8), (15, 17, 1))
    mask = blobs(image.shape[:2], 0.4)
    outputs = []
    before = numba.get_num_threads()
    for threads in (1, 2):
        numba.set_num_threads(threads)
        outputs.append(method(image, mask))
    numba.set_num_threads(before)
    assert np.array_equal(*outputs)


def test_texture_is_carried_into_the_hole():
    """On a periodic texture, copying keeps its energy where the membrane has none."""
    y, x = np.mgrid[:512, :512]
    wave = 128 + 40 * np.sin(2 * np.pi * x / 6) * np.sin(2 * np.pi * y / 6)
    image = np.repeat(wave[..., None], 3, axis=2).astype(np.uint8)
    mask = np.zeros((512, 512), bool)
    mask[180:330, 180:330] = True
    inner = np.s_[200:310, 200:310]
    small = {"backend": "torch", "working_resolution": 256}
    cases = (
        ("rethined", small, 0.7, 1.2),
        ("rethined", small | {"coherence": "off"}, 0.7, 1.2),
        ("harmonic", {}, 0.0, 0.2),
    )
    for name, options, low, high in cases:
        output = baselines.load(name, **options)(image, mask)
        assert low < output[inner].std() / image[inner].std() < high


def test_coherence_makes_the_hole_go_on_at_its_boundary(photo):
    mask = blobs(photo.shape[:2], 0.2)
    steps = {}
    for coherence in ("off", "on"):
        output = baselines.load("rethined", backend="torch", coherence=coherence)(photo, mask).astype(int)
        assert np.array_equal(output[~mask], photo[~mask])
        across = mask[:, 1:] != mask[:, :-1]
        steps[coherence] = np.abs(np.diff(output, axis=1))[across].mean()
    assert steps["on"] < steps["off"]


def test_seeds_differ(photo):
    mask = blobs(photo.shape[:2], 0.2)
    first, other = (baselines.load("rethined", backend="torch", seed=seed)(photo, mask) for seed in (0, 1))
    assert not np.array_equal(first, other)


@pytest.mark.parametrize("resolution", [256, 512, 768, 1024])
def test_working_resolution(resolution):
    method = baselines.load("rethined", backend="torch", working_resolution=resolution)
    image = np.zeros((1500, 900, 3), np.uint8)
    working = method.trace(image, np.zeros(image.shape[:2], bool)).working
    assert working.content[0] <= resolution
    assert working.scale == -(-1500 // resolution)
    assert method.card.settings["working_resolution"] == resolution


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"working_resolution": 500}, "working_resolution is one of 256, 512, 768, 1024; got 500"),
        ({"backend": "tensorflow"}, "known: auto, torch"),
        ({"coherence": "cubic"}, "coherence is on or off; got 'cubic'"),
        ({"seed": -1}, "seed is 0 or more"),
        ({"cut_px": 0.0}, "cut_px"),
        ({"device": "warp"}, "cannot use the device 'warp'"),
        ({"weights": "/nowhere.safetensors"}, "cannot read the weights"),
    ],
)
def test_refuses_bad_options(options, message):
    with pytest.raises(baselines.MethodError, match=message):
        baselines.load("rethined", **{"backend": "torch", **options})


def test_marks_random_weights_as_untrained(tmp_path, monkeypatch):
    from baselines.rethined.network import weights

    monkeypatch.setattr(
        weights, "_SHIPPED", {"rethined": tmp_path / "absent", "rethined-large": tmp_path / "absent"}
    )
    fresh = baselines.load("rethined", backend="torch").card
    assert fresh.untrained
    assert fresh.weights_sha256 is None
    save_network(lively(), tmp_path / "w.safetensors")
    trained = baselines.load("rethined", backend="torch", weights=tmp_path / "w.safetensors").card
    assert not trained.untrained
    assert len(trained.weights_sha256) == 64
    monkeypatch.setitem(weights._SHIPPED, "rethined", tmp_path / "w.safetensors")
    assert baselines.load("rethined", backend="torch").card.weights_sha256 == trained.weights_sha256


def test_weights_come_back_in_every_form(tmp_path):
    network = lively()
    x, m = torch.rand(1, 3, 64, 64), torch.zeros(1, 1, 64, 64)
    m[:, :, 20:40, 20:40] = 1
    expected = fused(network)(x, m)
    for form, half, tolerance in (
        (network, False, 0),
        (fused(network), False, 0),
        (fused(network), True, 2e-2),
    ):
        path = tmp_path / "weights.safetensors"
        save_network(form, path, half=half)
        found = weights_of(path)(x, m)
        for a, b in zip(expected, found, strict=True):
            assert (a - b).abs().max() <= tolerance
    assert [p.name for p in tmp_path.iterdir()] == ["weights.safetensors"]


def weights_of(path):
    from baselines.rethined import load_network

    return load_network("rethined", path, cut_px=CUT_PX).network


def test_refuses_the_weights_of_another_network(tmp_path):
    save_network(build("rethined"), tmp_path / "small.safetensors")
    with pytest.raises(baselines.MethodError, match="another network than rethined-large"):
        baselines.load("rethined-large", backend="torch", weights=tmp_path / "small.safetensors")


def test_large_runs(photo):
    mask = blobs(photo.shape[:2], 0.1)
    method = baselines.load("rethined-large", backend="torch", working_resolution=256)
    assert isinstance(method, Rethined)
    assert np.array_equal(method(photo, mask)[~mask], photo[~mask])


def test_official_formulation_runs_and_shows_its_defects(photo):
    mask = blobs(photo.shape[:2], 0.1)
    method = baselines.load("rethined-official", paste_back=False)
    assert method.card.untrained
    tall, hole = np.concatenate([photo, photo])[:700], np.concatenate([mask, mask])[:700]
    output = method(tall, hole)
    assert output.shape == tall.shape
    assert not np.array_equal(output[~hole], tall[~hole])  # no paste-back
    other = np.where(hole[..., None], 255 - tall, tall).astype(np.uint8)
    assert np.array_equal(method(other, hole), output)

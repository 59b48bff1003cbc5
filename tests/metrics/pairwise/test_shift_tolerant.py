"""ST-LPIPS against the package that defines it, with the published weights of that package in both."""

import pytest
import torch

import metrics
from metrics.networks import feature_rows
from metrics.networks.backbones import load
from metrics.networks.shift_tolerant import shift_tolerant_alexnet, shift_tolerant_vgg16
from metrics.networks.streamed import sizes, stream
from metrics.weights import Store
from tests.metrics.pictures import blob, composite, noisy, scene
from tests.metrics.shift_tolerant_package import imported, published_store
from tests.metrics.test_memory import MIB, needs_proc, peak

NETS = {"alex": shift_tolerant_alexnet, "vgg": shift_tolerant_vgg16}
NAMES = [f"st-lpips-{net}" for net in NETS]


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    return published_store(tmp_path_factory.mktemp("weights"))


@pytest.fixture(scope="module")
def package():
    with imported() as module:
        yield module


@pytest.fixture(scope="module", params=NETS)
def reference(request, package):
    model = package.LPIPS(net=request.param, variant="shift_tolerant", verbose=False)
    return f"st-lpips-{request.param}", model


def case(height, width):
    target, mask = scene(height, width), blob(height, width)
    return composite(noisy(target, 40), target, mask), target, mask


def minus_one_to_one(image):
    return torch.from_numpy(image).permute(2, 0, 1)[None].float() / 127.5 - 1


@pytest.mark.parametrize("shape", [(97, 131), (150, 112)])
def test_it_equals_the_official_package(shape, reference, store):
    name, model = reference
    prediction, target, mask = case(*shape)
    scores = metrics.compute(prediction, target, mask, names=[f"{name}-0.0"], weights=store)
    with torch.no_grad():
        pair = minus_one_to_one(prediction), minus_one_to_one(target)
        model.spatial = False
        value = model(*pair).item()
        model.spatial = True
        spatial = model(*pair)[0, 0].double().numpy()
    assert value > 1e-3
    assert scores[f"{name}.full"] == pytest.approx(value, rel=1e-5)
    assert scores[f"{name}.hole"] == pytest.approx(spatial[mask].mean(), rel=1e-5)


@pytest.mark.parametrize("name", NAMES)
def test_the_height_of_the_strips_changes_no_value(name, store, monkeypatch):
    prediction, target, mask = case(110, 90)
    whole = metrics.compute(prediction, target, mask, names=[name], weights=store)
    for rows in (1, 7, 64):
        monkeypatch.setattr(feature_rows, "strip_rows", lambda *_, r=rows: r)
        strips = metrics.compute(prediction, target, mask, names=[name], weights=store)
        assert strips == pytest.approx(whole, rel=1e-5)


@pytest.mark.parametrize("name", NAMES)
def test_identity_and_growing_noise(name, store):
    target, mask = scene(90, 90), blob(90, 90)
    series = [
        metrics.compute(noisy(target, sigma, seed=2), target, mask, names=[name], weights=store)
        for sigma in (0, 5, 20, 60)
    ]
    for key in metrics.get(name).keys:
        values = [scores[key] for scores in series]
        assert values[0] == pytest.approx(0, abs=1e-6)
        assert values == sorted(values)


@pytest.mark.parametrize("name", NAMES)
def test_a_shift_by_a_pixel_costs_less_than_a_blur(name, store):
    picture = scene(128, 128)
    target, shifted, mask = picture[:, :-1], picture[:, 1:], blob(128, 127)
    blurred = torch.nn.functional.avg_pool2d(
        torch.from_numpy(target).permute(2, 0, 1)[None].float(), 5, 1, 2, count_include_pad=False
    )
    blurred = blurred[0].permute(1, 2, 0).round().byte().numpy()
    one, other = (
        metrics.compute(prediction, target, mask, names=[name], weights=store)[f"{name}.full"]
        for prediction in (shifted.copy(), blurred)
    )
    assert one < 0.2 * other


@pytest.mark.parametrize("net", NETS)
@pytest.mark.parametrize("step", [1, 5])
@pytest.mark.parametrize("length", [33, 34, 35, 36, 71])
def test_predicted_sizes_are_those_of_the_streamed_rows(net, step, length, store):
    stages = NETS[net](load(store.require(f"st-lpips-{net}"), "cpu")).stages
    rows = [0] * len(stages)
    with torch.inference_mode():
        for index, out in stream(stages, torch.zeros(1, 3, length, 48).split(step, dim=2)):
            rows[index] += out.shape[2]
    assert rows == sizes(stages, length)


@pytest.mark.parametrize("name", NAMES)
def test_the_smallest_pictures_have_a_value_or_a_reason(name, store):
    for side in range(1, 24):
        target = scene(side, 40)
        scores = metrics.compute(255 - target, target, blob(side, 40), names=[name], weights=store)
        value = scores[f"{name}.full"]
        if value is None:
            assert "smaller than the network's windows" in scores.reasons[f"{name}.full"]
        else:
            assert value > 0


def test_absent_weights_name_the_command(tmp_path, monkeypatch):
    monkeypatch.setenv("TORCH_HOME", str(tmp_path))
    target = scene(80, 80)
    absent = Store(folder=tmp_path, offline=True)
    scores = metrics.compute(target, target, blob(80, 80), names=["st-lpips-alex", "l1"], weights=absent)
    assert scores["l1.full"] == 0
    assert "df8k weights fetch st-lpips-alex" in scores.reasons["st-lpips-alex.hole"]


@needs_proc
@pytest.mark.parametrize("name", NAMES)
def test_it_keeps_its_budget(name, store):
    assert peak(name, 192, 1536, 256 * MIB, store.folder) < 256 * MIB

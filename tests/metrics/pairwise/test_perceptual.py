"""LPIPS and DISTS against the packages that define them, with the same locally made weights in both."""

import lpips
import numpy as np
import piq
import pytest
import torch
import torchvision

import metrics
from metrics.kernels.upsampling import spread_weights
from metrics.networks import feature_rows
from metrics.networks.backbones import squeezenet, vgg16
from metrics.networks.streamed import sizes, stream
from metrics.regions import HOLE, label
from tests.metrics.backbone_weights import backbone_state, dists_state, served_store
from tests.metrics.pictures import blob, composite, noisy, scene

NETS = {"alex": "alexnet", "vgg": "vgg16", "squeeze": "squeezenet1_1"}


@pytest.fixture(scope="module")
def states():
    return {name: backbone_state(name) for name in NETS.values()} | {"dists": dists_state()}


@pytest.fixture(scope="module")
def store(states, tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("no_proxy", "127.0.0.1")
        patch.delenv("DF8K_OFFLINE", raising=False)
        with served_store(states, tmp_path_factory.mktemp("weights")) as served:
            for name in states:
                served.fetch(name)
            yield served


def official(net, state, *, spatial):
    """The lpips package with its own heads and our backbone weights."""
    model = lpips.LPIPS(net=net, pnet_rand=True, spatial=spatial, verbose=False)
    for name, value in model.net.state_dict().items():
        _, _, feature = name.partition(".")
        value.copy_(state[f"features.{feature}"])
    return model


def minus_one_to_one(image):
    return torch.from_numpy(image).permute(2, 0, 1)[None].float() / 127.5 - 1


def case(height, width):
    target, mask = scene(height, width), blob(height, width)
    return composite(noisy(target, 40), target, mask), target, mask


@pytest.mark.parametrize("shape", [(97, 131), (224, 160)])
@pytest.mark.parametrize("net", NETS)
def test_lpips_equals_the_official_package(net, shape, states, store):
    prediction, target, mask = case(*shape)
    scores = metrics.compute(prediction, target, mask, names=[f"lpips-{net}-0.1"], weights=store)
    with torch.no_grad():
        pair = minus_one_to_one(prediction), minus_one_to_one(target)
        value = official(net, states[NETS[net]], spatial=False)(*pair).item()
        spatial = official(net, states[NETS[net]], spatial=True)(*pair)[0, 0].double().numpy()
    assert value > 1e-3
    assert scores[f"lpips-{net}.full"] == pytest.approx(value, rel=1e-5)
    assert scores[f"lpips-{net}.hole"] == pytest.approx(spatial[mask].mean(), rel=1e-5)


@pytest.mark.parametrize("shape", [(97, 131), (224, 160)])
def test_dists_equals_piq(shape, states, store, monkeypatch):
    prediction, target, mask = case(*shape)
    # piq's own file holds the weights divided by their sum, which the authors' code does when it runs.
    total = sum(value.sum() for value in states["dists"].values())
    normalised = {name: value / total for name, value in states["dists"].items()}
    monkeypatch.setattr(torch.hub, "load_state_dict_from_url", lambda *_, **__: normalised)
    with monkeypatch.context() as patch:
        patch.setattr(
            torchvision.models.VGG16_Weights.DEFAULT.__class__, "get_state_dict", lambda *_, **__: {}
        )
        patch.setattr(torch.nn.Module, "load_state_dict", lambda *_, **__: None)
        reference = piq.DISTS()
    reference.model.load_state_dict(
        {name.removeprefix("features."): value for name, value in states["vgg16"].items()}, strict=False
    )
    tensors = (torch.from_numpy(image).permute(2, 0, 1)[None].float() / 255 for image in (prediction, target))
    with torch.no_grad():
        value = reference(*tensors).item()
    scores = metrics.compute(prediction, target, mask, names=["dists"], weights=store)
    assert scores["dists.full"] == pytest.approx(value, rel=1e-4)


@pytest.mark.parametrize("name", ["lpips-alex", "lpips-vgg", "lpips-squeeze", "dists"])
def test_the_height_of_the_strips_changes_no_value(name, store, monkeypatch):
    prediction, target, mask = case(150, 110)
    whole = metrics.compute(prediction, target, mask, names=[name], weights=store)
    for rows in (1, 7, 64):
        monkeypatch.setattr(feature_rows, "strip_rows", lambda *_, r=rows: r)
        strips = metrics.compute(prediction, target, mask, names=[name], weights=store)
        assert strips == pytest.approx(whole, rel=1e-5)


@pytest.mark.parametrize("name", ["lpips-alex", "lpips-vgg", "lpips-squeeze", "dists"])
def test_identity_and_growing_noise(name, store):
    target, mask = scene(120, 120), blob(120, 120)
    series = [
        metrics.compute(noisy(target, sigma, seed=2), target, mask, names=[name], weights=store)
        for sigma in (0, 5, 20, 60)
    ]
    for key in metrics.get(name).keys:
        values = [scores[key] for scores in series]
        assert values[0] == pytest.approx(0, abs=1e-6)
        assert values == sorted(values)


@pytest.mark.parametrize("build", [vgg16, squeezenet])
@pytest.mark.parametrize("step", [1, 5])
@pytest.mark.parametrize("length", [33, 34, 35, 36, 71])
def test_predicted_sizes_are_those_of_the_streamed_rows(build, length, step):
    name = "vgg16" if build is vgg16 else "squeezenet1_1"
    stages = build(backbone_state(name)).stages
    rows = [0] * len(stages)
    with torch.inference_mode():
        strips = torch.zeros(1, 3, length, 48).split(step, dim=2)
        for index, out in stream(stages, strips):
            rows[index] += out.shape[2]
    assert rows == sizes(stages, length)


def test_spreading_is_the_transpose_of_enlarging():
    mask = blob(83, 61)
    coarse = np.random.default_rng(0).random((11, 7))
    large = torch.nn.functional.interpolate(
        torch.from_numpy(coarse)[None, None], size=mask.shape, mode="bilinear", align_corners=False
    )[0, 0].numpy()
    spread = np.concatenate(
        [spread_weights(label(mask), HOLE, (11, 7), a, b) for a, b in ((0, 4), (4, 5), (5, 11))]
    )
    assert spread.sum() == pytest.approx(mask.sum(), rel=1e-12)
    assert (coarse * spread).sum() == pytest.approx(large[mask].sum(), rel=1e-12)


def test_too_small_a_picture_has_no_value_and_says_so(store):
    target = scene(20, 40)
    scores = metrics.compute(target, target, blob(20, 40), names=["lpips-alex"], weights=store)
    assert scores["lpips-alex.full"] is None
    assert "smaller than the network's windows" in scores.reasons["lpips-alex.full"]


def test_absent_weights_leave_every_other_metric_running(tmp_path, monkeypatch):
    monkeypatch.setenv("TORCH_HOME", str(tmp_path))
    target = scene(80, 80)
    absent = metrics.weights.Store(folder=tmp_path)
    scores = metrics.compute(
        noisy(target, 9), target, blob(80, 80), names=["lpips-vgg", "dists", "l1"], weights=absent
    )
    assert scores["l1.full"] > 0
    assert scores["lpips-vgg.hole"] is None
    assert "df8k weights fetch vgg16" in scores.reasons["lpips-vgg.hole"]
    assert "unavailable" in scores.reasons["dists.full"]


def test_another_networks_file_is_refused(states, tmp_path):
    with served_store({"alexnet": states["squeezenet1_1"]}, tmp_path) as wrong:
        target = scene(80, 80)
        with pytest.raises(metrics.MetricError, match="another network"):
            metrics.compute(target, target, blob(80, 80), names=["lpips-alex"], weights=wrong)

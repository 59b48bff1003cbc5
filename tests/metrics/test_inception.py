"""Inception features against torch-fidelity and clean-fid, with the same locally made weights in all."""

import numpy as np
import pytest
import torch
from cleanfid import inception_pytorch
from cleanfid.inception_torchscript import InceptionV3W
from cleanfid.resize import build_resizer
from torch_fidelity.feature_extractor_inceptionv3 import FeatureExtractorInceptionV3

import metrics
from metrics import inception_features
from metrics.pair import Pair

from .backbone_weights import inception_state, served_store
from .pictures import blob, noisy, scene


@pytest.fixture(scope="module")
def state():
    return inception_state()


@pytest.fixture(scope="module")
def store(state, tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("no_proxy", "127.0.0.1")
        patch.delenv("DF8K_OFFLINE", raising=False)
        with served_store({"inception": state}, tmp_path_factory.mktemp("weights")) as served:
            served.fetch("inception")
            yield served


@pytest.fixture(scope="module")
def pytorch_fid(state):
    """The network of pytorch-fid, as clean-fid carries it."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(inception_pytorch, "load_state_dict_from_url", lambda *_, **__: state)
        return inception_pytorch.InceptionV3(output_blocks=[3], resize_input=False).eval()


def features_of(sampler, image, store):
    pair = Pair(image, image, np.zeros(image.shape[:2], bool), weights=store)
    return {name: rows[0, 0] for name, rows in sampler(pair, "key").items()}


def test_the_network_equals_torch_fidelity(store):
    image = scene(299, 299)
    theirs = FeatureExtractorInceptionV3(
        "inception",
        ["2048", "logits_unbiased"],
        feature_extractor_weights_path=str(store.require("inception")),
    )
    pooled, logits = theirs(torch.from_numpy(image).permute(2, 0, 1)[None])
    ours = features_of(inception_features.clean, image, store)
    np.testing.assert_allclose(
        ours["features"], pooled[0].numpy(), rtol=1e-3, atol=1e-4 * float(pooled.max())
    )
    np.testing.assert_allclose(
        ours["logits"], logits[0].numpy(), rtol=1e-3, atol=1e-4 * float(logits.abs().max())
    )


@pytest.mark.parametrize("shape", [(350, 421), (201, 512), (299, 299)])
def test_resizing_equals_clean_fid_in_both_modes(shape):
    image = scene(*shape)
    np.testing.assert_array_equal(inception_features.resize_clean(image), reference_clean(image))
    # torch holds positions in single precision, which shows in the last digits of a grey level
    np.testing.assert_allclose(
        inception_features.resize_pytorch(image), build_resizer("legacy_pytorch")(image), atol=5e-3
    )


def reference_clean(image):
    return build_resizer("clean")(image)


def test_whole_picture_features_equal_clean_fid(store, pytorch_fid):
    image = scene(350, 421)

    class Layers(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.blocks = pytorch_fid.blocks

        def forward(self, x):
            for block in self.blocks:
                x = block(x)
            return x

    # clean-fid's own wrapper, around the network that its TorchScript file would hold
    extractor = InceptionV3W.__new__(InceptionV3W)
    torch.nn.Module.__init__(extractor)
    extractor.layers, extractor.resize_inside = Layers(), False
    with torch.no_grad():
        clean = extractor(torch.from_numpy(reference_clean(image)).permute(2, 0, 1)[None])[0].numpy()
        legacy = torch.from_numpy(build_resizer("legacy_pytorch")(image)).permute(2, 0, 1)[None]
        pytorch = pytorch_fid(legacy / 255)[0].flatten().numpy()
    for sampler, theirs in ((inception_features.clean, clean), (inception_features.pytorch, pytorch)):
        ours = features_of(sampler, image, store)["features"]
        np.testing.assert_allclose(ours, theirs, rtol=1e-3, atol=2e-4 * float(theirs.max()))
    assert not np.allclose(clean, pytorch, rtol=1e-3)


def test_patches_are_native_pixels_at_places_that_the_key_fixes(store, monkeypatch):
    monkeypatch.setattr(inception_features, "PATCHES", 3)
    target, mask = scene(400, 430), blob(400, 430)
    pair = Pair(noisy(target, 9), target, mask, weights=store)
    one = inception_features.patches(pair, "a")["features"]
    assert one.shape == (2, inception_features.PATCHES, 2048)
    np.testing.assert_array_equal(one, inception_features.patches(pair, "a")["features"])
    assert not np.array_equal(one, inception_features.patches(pair, "b")["features"])


def test_all_inception_metrics_run_on_mixed_sizes_and_share_features(store):
    names = ["fid-clean", "fid-pytorch", "kid-clean", "is", "pids", "uids"]
    accumulator = metrics.accumulate(names, weights=store)
    for index, shape in enumerate(((120, 150), (299, 180), (200, 200))):
        target = scene(*shape, seed=index)
        accumulator.update(noisy(target, 20), target, blob(*shape), key=f"{index}")
    answers = accumulator.compute()
    assert set(answers) == set(names)
    assert {answer.n for answer in answers.values()} == {3}
    assert answers["is"].value is None
    assert "need as many pictures" in answers["is"].reason
    assert answers["fid-clean"].value > 0
    assert "singular" in answers["fid-clean"].flags[0]
    assert "always be told apart" in answers["pids"].flags[0]


def test_absent_weights_leave_the_weight_free_metric_running(tmp_path, monkeypatch):
    monkeypatch.setenv("TORCH_HOME", str(tmp_path))
    accumulator = metrics.accumulate(["fid-clean", "swd"], weights=metrics.weights.Store(folder=tmp_path))
    target = scene(100, 100)
    accumulator.update(noisy(target, 20), target, blob(100, 100), key="a")
    answers = accumulator.compute()
    assert answers["fid-clean"].value is None
    assert "df8k weights fetch inception" in answers["fid-clean"].reason
    assert answers["swd"].value > 0

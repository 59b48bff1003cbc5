"""The networks against the official variable table and the original graph's outputs."""

import numpy as np
import pytest
import torch

from baselines import MethodError
from baselines.hifill import Discriminator, Generator, initialise
from baselines.hifill.checkpoints.names import DISCRIMINATOR, GENERATOR
from baselines.hifill.checkpoints.tensorflow_checkpoint import official_variables
from baselines.hifill.network.harmonic_fill import harmonic_start


def count(network):
    return sum(parameter.numel() for parameter in network.parameters())


def nhwc(tensor):
    return tensor[0].permute(1, 2, 0).numpy()


@pytest.fixture(scope="module")
def filled(generator, golden_mask):
    y, x = np.mgrid[0:512, 0:512] / 512
    waves = np.stack([np.sin(9 * x + 3 * y), np.cos(13 * y - 5 * x * y), np.sin(40 * x * y)], axis=-1)
    image = waves * 0.7 + np.random.RandomState(0).uniform(-0.3, 0.3, (512, 512, 3))
    np.testing.assert_allclose(image[0, 0], [0.0292881, 0.8291136, 0.06165802], rtol=1e-6)
    pixels = torch.from_numpy(image.astype(np.float32)).permute(2, 0, 1)[None]
    with torch.inference_mode():
        return generator(pixels, golden_mask)


def test_recipe_of_the_golden_weights(official_tensors):
    first = official_tensors["generator/c_en_down_128_feat/w"].ravel()[:4]
    np.testing.assert_array_equal(first, np.float32([-0.15786949, -0.3154063, 0.10589975, -0.07654157]))


def test_names_and_shapes_are_those_of_the_official_checkpoint():
    ours = {s.tensorflow: s.shape for s in (*GENERATOR.values(), *DISCRIMINATOR.values())}
    assert ours == {name: variable.shape for name, variable in official_variables().items()}


@pytest.mark.parametrize(("network", "table"), [(Generator(), GENERATOR), (Discriminator(), DISCRIMINATOR)])
def test_every_tensor_of_the_networks_is_mapped(network, table):
    state = network.state_dict()
    assert set(state) == set(table)
    for name, source in table.items():
        assert sorted(state[name].shape) == sorted(source.shape)


def test_parameter_counts():
    assert count(Generator()) == 2_722_791
    assert count(Discriminator()) == 5_961_601


@pytest.mark.parametrize(
    ("coarse", "refine", "parameters"),
    [
        ("sc", "ds", 2_740_395),
        ("pw", "pw", 2_799_180),
        ("sc", "sc", 2_547_902),
        ("full", "full", 5_033_804),
        ("none", "none", 2_516_902),
    ],
)
def test_parameter_counts_of_the_other_gates(coarse, refine, parameters):
    assert count(Generator(coarse_gate=coarse, refine_gate=refine)) == parameters


@pytest.mark.parametrize("gate", ["ds", "full", "none"])
def test_other_gates_run(gate):
    with torch.inference_mode():
        result = Generator(coarse_gate=gate, refine_gate=gate)(
            torch.rand(1, 3, 512, 512), torch.zeros(1, 1, 512, 512)
        )
    assert result.refined.shape == (1, 3, 512, 512)
    assert torch.isfinite(result.refined).all()


def test_coarse_stage_equals_the_original_graph(filled, golden):
    coarse = nhwc(filled.coarse)
    np.testing.assert_allclose(coarse[::8, ::8], golden["x1_s8"], rtol=0, atol=1e-6)
    # The stored means were summed in single precision.
    np.testing.assert_allclose(coarse.mean((0, 1), np.float64), golden["x1_mean"], rtol=0, atol=1e-5)


def test_refine_stage_equals_the_original_graph(filled, golden):
    refined = nhwc(filled.refined)
    np.testing.assert_allclose(refined[::8, ::8], golden["x2_s8"], rtol=0, atol=2e-5)
    np.testing.assert_allclose(refined[190:222, 240:272], golden["x2_crop"], rtol=0, atol=2e-5)
    np.testing.assert_allclose(refined.mean((0, 1), np.float64), golden["x2_mean"], rtol=0, atol=2e-5)


def test_attention_equals_the_original_graph(filled, golden):
    attention = filled.attention[0].numpy()
    np.testing.assert_array_equal(attention.argmax(1), golden["att_argmax"])
    np.testing.assert_allclose(attention.max(1), golden["att_max"], rtol=0, atol=1e-4)
    np.testing.assert_allclose(attention.sum(1), golden["att_rowsum"], rtol=0, atol=1e-4)


def test_pixels_under_the_mask_do_not_matter(generator, golden_mask, filled):
    image = torch.full((1, 3, 512, 512), 0.25)
    with torch.inference_mode():
        first = generator(image, golden_mask)
        second = generator(torch.where(golden_mask > 0, torch.randn(1, 3, 512, 512), image), golden_mask)
    assert torch.equal(first.refined, second.refined)


def test_other_sizes_are_refused(generator):
    with pytest.raises(MethodError, match=r"multiple of 64; got \(1, 3, 250, 250\)"):
        generator(torch.zeros(1, 3, 250, 250), torch.zeros(1, 1, 250, 250))


@pytest.mark.parametrize("reduction", [2, 4, 8])
def test_a_decoder_that_adds_nothing_is_left_out(reduction):
    network = initialise(Generator(start="membrane", reduction=reduction)).eval()
    torch.nn.init.normal_(network.coarse["c_de_toRGB"].feature.weight, std=0.05)
    image = torch.rand(1, 3, 128, 128, generator=torch.Generator().manual_seed(0)) * 2 - 1
    mask = torch.zeros(1, 1, 128, 128)
    mask[..., 30:80, 40:90] = 1
    whole = network(image, mask)
    with torch.no_grad():
        short = network(image, mask)
    for first, second in zip(whole, short, strict=True):
        torch.testing.assert_close(first.detach(), second)
    assert not torch.equal(whole.coarse, harmonic_start(image * (1 - mask), mask))


def test_reductions_that_a_start_cannot_have():
    for start, reduction in (("zeros", 4), ("membrane", 3)):
        with pytest.raises(MethodError, match="pixels as one"):
            Generator(start=start, reduction=reduction)

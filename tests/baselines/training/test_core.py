import json
import math
import pickle
from itertools import permutations

import numpy as np
import pytest
import torch
from pydantic import BaseModel, ConfigDict
from torch import nn

from baselines import MethodError
from baselines.training import Recipe, recipe, trainable
from baselines.training.average import MovingAverage
from baselines.training.checkpoint import load_state, save_state
from baselines.training.config import TrainingConfig, config_path, read_config
from baselines.training.crops import MaskBank, Photograph, Samples, open_masks, open_pack
from baselines.training.schedule import learning_rate
from df8k.cli._training import PresetMasks


class _Options(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)
    weight: float = 1.0


def _recipe(**defaults):
    return Recipe(_Options, lambda options, seed: None, defaults)


def _photograph(name, height, width):
    rng = np.random.default_rng(name)
    image = rng.integers(0, 256, (height, width, 3), np.uint8)
    return Photograph(f"{name:02}", lambda: image)


def _draw(key, height, width):
    mask = np.zeros((height, width), bool)
    mask[: len(key), : sum(map(ord, key)) % width] = True
    return mask


CONFIG = TrainingConfig(crop_px=32, levels_px=(48, 64), steps=10, seed=3)


def _pack(folder, photographs=None, config=CONFIG):
    photographs = photographs or [_photograph(n, 70 + n, 90) for n in range(4)]
    return open_pack(folder, photographs, config, lambda *_: None)


def test_warm_up_is_linear_and_the_cosine_ends_at_the_final_share():
    config = TrainingConfig(steps=110, warmup_steps=10, learning_rate=1e-3, final_rate=0.1)
    golden = {
        0: 1e-4,
        4: 5e-4,
        9: 1e-3,
        10: 1e-3,
        35: 1e-3 * (0.1 + 0.45 * (1 + math.sqrt(0.5))),
        60: 5.5e-4,
        110: 1e-4,
    }
    for step, rate in golden.items():
        assert learning_rate(step, config) == pytest.approx(rate, rel=1e-9)


def test_moving_average_follows_its_definition_and_copies_counters():
    network = nn.Sequential(nn.Linear(2, 2), nn.BatchNorm1d(2))
    average = MovingAverage(network, 0.9)
    expected = network[0].weight.detach().clone()
    for done in range(30):
        with torch.no_grad():
            network[0].weight.add_(1.0)
        network(torch.randn(4, 2))
        average.update(network, done)
        decay = min(0.9, (1 + done) / (10 + done))
        expected = decay * expected + (1 - decay) * network[0].weight.detach()
    assert torch.allclose(average.network[0].weight, expected, atol=1e-5)
    assert int(average.network[1].num_batches_tracked) == 30
    assert not any(parameter.requires_grad for parameter in average.network.parameters())


def test_a_sample_depends_on_its_number_alone(tmp_path):
    photographs = [_photograph(n, 70 + n, 90) for n in range(4)]
    first = Samples(_pack(tmp_path / "a", photographs), _draw, CONFIG)
    again = Samples(_pack(tmp_path / "b", photographs[::-1]), _draw, CONFIG)
    order = [5, 0, 17, 2**40]
    ones = {n: first[n] for n in order}
    for n in reversed(order):
        assert all(torch.equal(a, b) for a, b in zip(again[n], ones[n], strict=True))
    image, mask = ones[0]
    assert image.dtype == torch.uint8
    assert image.shape == (3, 32, 32)
    assert mask.dtype == torch.bool
    assert mask.shape == (1, 32, 32)
    assert not torch.equal(ones[0][0], ones[5][0])
    other = Samples(_pack(tmp_path / "a"), _draw, CONFIG.model_copy(update={"seed": 4}))
    assert not torch.equal(other[0][0], image)


def test_other_processes_get_the_samples_without_a_copy_of_the_pictures(tmp_path):
    samples = Samples(_pack(tmp_path), PresetMasks(("df8k-small", "box")), CONFIG)
    sent = pickle.dumps(samples)
    assert len(sent) < 5000
    assert all(torch.equal(a, b) for a, b in zip(pickle.loads(sent)[7], samples[7], strict=True))


def test_pictures_are_reduced_to_levels_and_never_enlarged(tmp_path):
    small, fitting, large = _photograph(1, 31, 90), _photograph(2, 40, 45), _photograph(3, 128, 64)
    pack = _pack(tmp_path, [small, fitting, large])
    shapes = [[(level.height, level.width) for level in levels] for levels in pack.pictures]
    assert shapes == [[(40, 45)], [(96, 48), (128, 64)]]
    assert np.array_equal(pack.at(pack.pictures[1][1]), large.read())
    half = large.read()[:128].reshape(64, 2, 32, 2, 3).mean((1, 3))
    config = CONFIG.model_copy(update={"levels_px": (32,)})
    reduced = _pack(tmp_path / "half", [large], config)
    assert np.abs(reduced.at(reduced.pictures[0][0]) - half).max() <= 0.51


def test_a_pack_is_refused_for_other_pictures_and_without_any(tmp_path):
    _pack(tmp_path)
    with pytest.raises(MethodError, match="begun with other pictures"):
        _pack(tmp_path, [_photograph(9, 80, 80)])
    with pytest.raises(MethodError, match="none of 1 pictures has both sides of at least 32 px"):
        _pack(tmp_path / "none", [_photograph(1, 20, 90)])


def test_configuration_comes_from_defaults_file_and_command_line_in_that_order(tmp_path):
    file = tmp_path / "run.toml"
    file.write_text("[training]\nsteps = 7\nbatch_size = 2\n[method]\nweight = 2.5\n")
    run, options = read_config("x", _recipe(steps=5, seed=9), file, {"steps": 8})
    assert (run.training.steps, run.training.batch_size, run.training.seed) == (8, 2, 9)
    assert options.weight == 2.5
    assert run.sha256 != read_config("x", _recipe(), None, {})[0].sha256


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[training]\nstep = 7\n", "step: Extra inputs"),
        ("[training]\nsteps = '7'\n", "steps: Input should be a valid integer"),
        ("[training]\ncrop_px = 100\n", "crop_px: Input should be a multiple of 32"),
        ("[method]\nheight = 1.0\n", "height: Extra inputs"),
        ("[trainings]\n", "tables are"),
        ("steps", "no TOML"),
    ],
)
def test_a_wrong_configuration_names_what_is_wrong(tmp_path, text, message):
    file = tmp_path / "run.toml"
    file.write_text(text)
    with pytest.raises(MethodError, match=message):
        read_config("x", _recipe(), file, {})


def test_a_checkpoint_comes_back_and_is_refused_for_another_configuration(tmp_path):
    path = tmp_path / "run" / "checkpoint.pt"
    run, _ = read_config("x", _recipe(), None, {})
    assert load_state(path, run) is None
    save_state(path, run, {"step": 4, "tensor": torch.arange(3)})
    assert torch.equal(load_state(path, run)["tensor"], torch.arange(3))
    assert [entry.name for entry in path.parent.iterdir()] == ["checkpoint.pt"]
    other, _ = read_config("x", _recipe(), None, {"learning_rate": 0.5})
    with pytest.raises(MethodError, match=r"training.learning_rate 0.001, now 0.5"):
        load_state(path, other)
    path.write_bytes(path.read_bytes()[:-50])
    with pytest.raises(MethodError, match="cannot read the checkpoint"):
        load_state(path, run)


def test_every_recipe_is_there_and_its_shipped_configurations_are_valid():
    from pathlib import Path

    import baselines.training

    folder = Path(baselines.training.__file__).parent / "configs"
    for path in folder.glob("*.toml"):
        name = path.stem.rsplit("-", 1)[0]
        assert name in trainable()
        run, _ = read_config(name, recipe(name), path, {})
        assert json.loads(run.json_text)["name"] == name
    with pytest.raises(MethodError, match="no training recipe for 'telea': known: rethined"):
        recipe("telea")


def test_a_bank_of_masks_is_drawn_once_and_comes_in_eight_positions(tmp_path):
    config = CONFIG.model_copy(update={"mask_bank": 3})
    drawn = []

    def draw(key, height, width):
        drawn.append(key)
        mask = np.zeros((height, width), bool)
        mask[: 4 + len(drawn), :2] = True  # no symmetry
        return mask

    bank = open_masks(tmp_path, draw, config, lambda *_: None)
    assert len(drawn) == 3
    again = open_masks(tmp_path, draw, config, lambda *_: None)
    assert len(drawn) == 3
    seen = {bank(f"key {n}", 32, 32).tobytes() for n in range(400)}
    expected = set()
    for height in (5, 6, 7):
        mask = np.zeros((32, 32), bool)
        mask[:height, :2] = True
        expected |= {np.rot90(m, turn).tobytes() for m in (mask, mask.T) for turn in range(4)}
    assert seen == expected
    assert len(seen) == 24
    other = config.model_copy(update={"masks": ("box",)})
    open_masks(tmp_path, draw, other, lambda *_: None)  # of other presets: not the bank that lies there
    assert len(drawn) == 6
    copy = pickle.loads(pickle.dumps(bank))
    assert isinstance(copy, MaskBank)
    for n in range(5):
        assert np.array_equal(copy(f"{n}", 32, 32), again(f"{n}", 32, 32))


def test_without_a_bank_every_mask_is_drawn(tmp_path):
    assert open_masks(tmp_path, _draw, CONFIG, lambda *_: None) is _draw
    assert not list(tmp_path.iterdir())


def test_colours_change_places_as_often_as_configured(tmp_path):
    pack = _pack(tmp_path)
    plain = Samples(pack, _draw, CONFIG)
    exchanged = Samples(pack, _draw, CONFIG.model_copy(update={"exchange_colours": 0.5}))
    moved = 0
    for n in range(200):
        before, after = plain[n][0], exchanged[n][0]
        orders = [o for o in permutations(range(3)) if torch.equal(after, before[list(o)])]
        assert orders
        moved += orders[0] != (0, 1, 2)
    # Half of the crops are drawn, five of six orders differ from the old one.
    assert 60 <= moved <= 107


def test_a_configuration_is_a_file_or_the_name_of_a_shipped_one(tmp_path):
    assert config_path("rethined-cpu").name == "rethined-cpu.toml"
    (tmp_path / "own.toml").write_text("")
    assert config_path(str(tmp_path / "own.toml")) == tmp_path / "own.toml"
    with pytest.raises(MethodError, match=r"neither a TOML file nor .*known: .*rethined-cpu"):
        config_path("rethined-tpu")

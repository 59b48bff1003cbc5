"""The command as a user runs it: a process that is killed, and one that goes on."""

import json
import os
import signal
import subprocess
import sys
import time

import cv2
import numpy as np
import pytest
import skimage.data
import torch
from click.testing import CliRunner

import baselines
from df8k.cli import cli

CONFIG = """
[training]
batch_size = 2
crop_px = 32
levels_px = [32, 48]
masks = ["df8k-small"]
warmup_steps = 5
validate_every = 60
checkpoint_every = 10
validation_images = 1
validation_px = 64
"""


@pytest.fixture(scope="module")
def photographs(tmp_path_factory):
    folder = tmp_path_factory.mktemp("photographs")
    for name in ("astronaut", "coffee", "chelsea", "rocket"):
        picture = cv2.cvtColor(getattr(skimage.data, name)(), cv2.COLOR_RGB2BGR)
        cv2.imwrite(str(folder / f"{name}.png"), cv2.resize(picture, (96, 80), interpolation=cv2.INTER_AREA))
    (folder / "run.toml").write_text(CONFIG)
    return folder


def _arguments(photographs, out):
    config = str(photographs / "run.toml")
    return ["train", "rethined", "--data", str(photographs), "--out", str(out), "--config", config]


@pytest.fixture(scope="module")
def straight(photographs, tmp_path_factory):
    """Sixty steps without an interruption, in this process."""
    out = tmp_path_factory.mktemp("straight")
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    result = CliRunner().invoke(cli, [*_arguments(photographs, out), "--steps", "60", "--json"])
    torch.set_num_threads(threads)
    assert result.exit_code == 0, result.output
    return out, json.loads(result.stdout)


def test_sixty_steps_straight_equal_thirty_a_kill_and_the_rest(photographs, straight, tmp_path):
    out = tmp_path / "killed"
    environment = os.environ | {"OMP_NUM_THREADS": "1"}
    command = [sys.executable, "-m", "df8k", *_arguments(photographs, out), "--steps", "60"]
    process = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    scalars, deadline = out / "scalars.jsonl", time.monotonic() + 300
    while time.monotonic() < deadline and process.poll() is None:
        if scalars.exists() and scalars.read_text().count("\n") >= 30 and (out / "checkpoint.pt").exists():
            break
        time.sleep(0.02)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    assert process.returncode == -signal.SIGKILL
    before = torch.load(out / "checkpoint.pt", weights_only=True)["step"]
    assert 20 <= before < 60
    assert not (out / "weights.safetensors").exists()

    done = subprocess.run(command, check=False, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert "after 60 of 60 steps" in done.stdout
    for name in ("weights.safetensors", "scalars.jsonl"):
        assert (out / name).read_bytes() == (straight[0] / name).read_bytes()


def test_the_end_of_a_run_writes_weights_that_load(straight):
    out, said = straight
    assert said["weights"] == str(out / "weights.safetensors")
    assert (said["step"], said["data"], said["pictures"]) == (60, "folder", "3")
    method = baselines.load("rethined", weights=said["weights"], backend="torch")
    assert not method.card.untrained
    lines = [json.loads(line) for line in (out / "scalars.jsonl").read_text().splitlines()]
    assert [line["step"] for line in lines if "network/loss" in line] == list(range(1, 61))
    assert {"validation/l1.hole", "validation/energy-gap", "validation/swd"} <= set(lines[-1])


def test_a_finished_run_exports_again_and_refuses_other_settings(photographs, straight, tmp_path):
    out, _ = straight
    runner, target = CliRunner(), tmp_path / "again.safetensors"
    common = _arguments(photographs, out)
    result = runner.invoke(cli, [*common, "--steps", "60", "--export", str(target)])
    assert result.exit_code == 0, result.output
    assert target.read_bytes() == (out / "weights.safetensors").read_bytes()
    refused = runner.invoke(cli, [*common, "--steps", "61"])
    assert refused.exit_code == 2
    assert "training.steps 60, now 61" in refused.output


def test_a_dataset_is_trained_on_its_train_split_alone(tmp_path):
    from df8k.cli._training import gather

    data, extra = tmp_path / "data", tmp_path / "extra"
    sources = tmp_path / "sources"
    sources.mkdir()
    rng = np.random.default_rng(0)
    for n in range(10):
        picture = cv2.resize(
            rng.integers(0, 256, (5, 7, 3), np.uint8), (84, 72), interpolation=cv2.INTER_CUBIC
        )
        cv2.imwrite(str(sources / f"{n}.png"), picture)
    built = CliRunner().invoke(
        cli,
        [
            "build",
            "--source",
            str(sources),
            "--out",
            str(data),
            "--min-side",
            "64",
            "--no-curation",
            "--workers",
            "1",
        ],
    )
    assert built.exit_code == 0, built.output
    extra.symlink_to(sources)
    import df8k

    ids = {
        split: {sample.id for sample in df8k.load(data, split=split)}
        for split in ("train", "validation", "test")
    }
    pictures = gather(data, [extra])
    given = [photograph.identity for photograph in pictures.train]
    assert {photograph.identity for photograph in pictures.validation} == ids["validation"]
    assert set(given) >= ids["train"]
    # The extra folder holds every source file; those that became test pictures are left out.
    assert len(given) - len(ids["train"]) == 10 - len(ids["test"])
    assert pictures.about["data"] == "dataset"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["telea"], "no training recipe for 'telea'"),
        (["rethined", "--device", "cuda:77"], "torch cannot use 'cuda:77'"),
    ],
)
def test_what_cannot_be_trained_is_refused_in_one_line(photographs, tmp_path, arguments, message):
    result = CliRunner().invoke(
        cli, ["train", *arguments, "--data", str(photographs), "--out", str(tmp_path / "x")]
    )
    assert result.exit_code == 2
    assert message in result.output


def test_a_loss_whose_weights_are_absent_is_refused_before_pictures_are_read(
    photographs, tmp_path, monkeypatch
):
    monkeypatch.setenv("DF8K_WEIGHTS", str(tmp_path))
    monkeypatch.setenv("TORCH_HOME", str(tmp_path))
    config, out = tmp_path / "run.toml", tmp_path / "out"
    config.write_text("[method]\nperceptual = 1.0\n")
    for method in ("rethined", "rethined-large", "hifill"):
        arguments = ["train", method, "--data", str(photographs), "--out", str(out), "--config", str(config)]
        result = CliRunner().invoke(cli, arguments)
        assert result.exit_code == 2
        assert "run 'df8k weights fetch st-lpips-alex'" in result.output
        assert not out.exists()
    # What is only written out again needs no loss.
    result = CliRunner().invoke(cli, [*arguments, "--export", str(tmp_path / "weights")])
    assert "holds no validated weights yet" in result.output


def test_an_empty_folder_is_refused(tmp_path):
    result = CliRunner().invoke(
        cli, ["train", "rethined", "--data", str(tmp_path), "--out", str(tmp_path / "x")]
    )
    assert result.exit_code == 2
    assert "gives 0 pictures to train on" in result.output

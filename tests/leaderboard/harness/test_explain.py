"""Pictures of a method's stages."""

import pytest
from PIL import Image

import baselines
import leaderboard
from leaderboard.harness.explain import explain


def test_each_image_gets_a_contact_sheet(dataset, tmp_path):
    method = baselines.load("rethined", working_resolution=256, backend="torch")
    explain(method, dataset[:2], [96], tmp_path)
    assert sorted(path.stem for path in (tmp_path / "96").iterdir()) == [sample.id for sample in dataset[:2]]
    Image.open(next((tmp_path / "96").iterdir())).verify()


def test_a_method_without_stages_is_refused(dataset, tmp_path):
    with pytest.raises(
        leaderboard.LeaderboardError, match="mean shows no stages; these methods do: rethined"
    ):
        explain(baselines.load("mean"), dataset, [64], tmp_path)

"""What ranks follows from what was measured, and is never an error of pixels."""

import pytest

import metrics
from leaderboard.protocol.ranking import PERCEPTUAL, PIXEL_ERROR, ranking_key


@pytest.mark.parametrize(
    ("measured", "key"),
    [
        ([{"l1.hole", "haarpsi.hole"}], "haarpsi.hole"),
        ([{"l1.hole", "haarpsi.hole", "st-lpips-vgg.hole"}], "st-lpips-vgg.hole"),
        ([{"haarpsi.hole", "st-lpips-alex.hole", "st-lpips-vgg.hole"}], "st-lpips-alex.hole"),
        ([{"haarpsi.hole", "st-lpips-alex.hole", "lpips-vgg.hole"}], "lpips-vgg.hole"),
        # What all have comes before what the better metric would be for some.
        ([{"haarpsi.hole", "lpips-alex.hole"}, {"haarpsi.hole"}], "haarpsi.hole"),
        ([{"l1.hole", "psnr.hole", "swd"}], None),
        ([], None),
    ],
)
def test_the_first_perceptual_metric_that_most_results_have(measured, key):
    assert ranking_key(measured) == key


def test_every_ranking_metric_exists_and_has_a_direction():
    for key in PERCEPTUAL:
        spec = metrics.get(key.partition(".")[0])
        assert key in spec.keys
        assert spec.higher_is_better is not None
    assert PIXEL_ERROR not in PERCEPTUAL

import subprocess
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import masks


@settings(max_examples=25, deadline=None)
@given(
    st.text(min_size=1, max_size=20),
    st.sampled_from([(1, 1), (3, 2), (2, 3), (16, 9), (170, 113)]),
    st.integers(256, 1500),
)
def test_the_official_band_holds_at_every_size(key, aspect, short):
    vector = masks.synthesize(aspect=aspect, preset="df8k", key=key)
    width, height = vector.frame.size_at(short)
    assert 30 * width * height <= 100 * vector.area(width, height) <= 50 * width * height


def test_only_the_ratio_of_the_aspect_counts():
    large = masks.synthesize(aspect=(6000, 4000), preset="band-30-50", key="a")
    assert large == masks.synthesize(aspect=(3, 2), preset="df8k", key="a")
    assert large.origin["preset"] == "band-30-50-v1"


def test_keys_variants_and_presets_give_different_masks():
    made = [
        masks.synthesize((1, 1), preset, key, variant=variant).sha256
        for preset in ("df8k", "df8k-small", "band-10-30")
        for key in ("a", "b", "a|1")
        for variant in (0, 1)
    ]
    assert len(set(made)) == len(made)


@pytest.mark.parametrize(
    ("aspect", "preset", "message"),
    [
        ((1, 1), "band-30-5", "did you mean band-30-50"),
        ((1, 1), "qqq", "known: "),
        ((0, 1), "df8k", "aspect is"),
        ((1.5, 1), "df8k", "aspect is"),
    ],
)
def test_what_cannot_be_made_is_refused(aspect, preset, message):
    with pytest.raises(masks.MaskError, match=message):
        masks.synthesize(aspect=aspect, preset=preset, key="a")


def test_import_is_light():
    heavy = "{'cv2', 'torch', 'scipy', 'PIL', 'matplotlib', 'pandas'}"
    code = f"import sys, masks; sys.exit(bool({heavy} & set(sys.modules)))"
    subprocess.run([sys.executable, "-c", code], check=True)

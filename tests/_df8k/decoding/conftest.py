"""Colour arithmetic beside the tests, and what they ask of a decoder."""

from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

import numpy as np
import pytest

from _df8k.decoding import Rejected, read_raster, to_srgb, upright


@pytest.fixture(scope="session")
def colours():
    """Module `colours` of this folder."""
    spec = spec_from_file_location("decoding_tests_colours", Path(__file__).with_name("colours.py"))
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="session")
def decoded():
    """Decode a file: int ``(H, W, 3)``, so that differences have a sign."""

    def decode(data):
        raster = read_raster(data)
        return upright(to_srgb(raster), raster.orientation).astype(int)

    return decode


@pytest.fixture(scope="session")
def refused(decoded):
    """Check that a file is refused, and give the reason's word and the finding."""

    def refuse(data, *words):
        with pytest.raises(Rejected) as caught:
            decoded(data)
        for word in words:
            assert word in caught.value.detail
        return caught.value.reason

    return refuse


@pytest.fixture(scope="session")
def close(decoded):
    """Check that a file decodes to a picture, up to so many grey levels."""

    def check(data, picture, tolerance=2):
        pixels = decoded(data)
        assert pixels.shape == np.shape(picture)
        assert np.abs(pixels - picture).max() <= tolerance

    return check

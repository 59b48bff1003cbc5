"""Picture that the tests of processes fill; those that need another have their own."""

import numpy as np
import pytest


@pytest.fixture
def picture():
    image = np.full((24, 32, 3), 90, np.uint8)
    mask = np.zeros((24, 32), bool)
    mask[8:16, 8:20] = True
    return image, mask

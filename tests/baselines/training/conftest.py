"""The network of ST-LPIPS by its own package, and a store with its published weights."""

import pytest

from tests.metrics.shift_tolerant_package import imported, published_store


@pytest.fixture(scope="session")
def store(tmp_path_factory):
    return published_store(tmp_path_factory.mktemp("weights"))


@pytest.fixture(scope="session")
def stlpips():
    with imported() as package:
        yield package.LPIPS(net="alex", variant="shift_tolerant", verbose=False)

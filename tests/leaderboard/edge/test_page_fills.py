"""The page in a browser fills as Python does, bit for bit outside the hole, with threads and without."""

import cv2
import numpy as np
import pytest
from PIL import Image
from selenium.webdriver.common.action_chains import ActionChains

import baselines
from df8k.scenes import render

WIDTH, HEIGHT = 4032, 3024


@pytest.fixture(scope="module")
def scene(tmp_path_factory):
    """Twelve megapixels, mirrored to keep the drawing short, as a file and as pixels."""
    drawn = render("facade", WIDTH // 4, HEIGHT // 4, "edge")
    pixels = cv2.copyMakeBorder(drawn, 0, 3 * HEIGHT // 4, 0, 3 * WIDTH // 4, cv2.BORDER_REFLECT)
    path = tmp_path_factory.mktemp("scene") / "scene.png"
    Image.fromarray(pixels).save(path, compress_level=1)
    return path, pixels


@pytest.fixture(scope="module")
def python():
    return baselines.load("rethined", coherence="off", backend="onnxruntime")


def paint(page, steps):
    """Draw a stroke of steps in pixels of the window."""
    actions = ActionChains(page.chrome, duration=10)
    actions.move_to_element_with_offset(page.at("canvas"), -150, -100).click_and_hold()
    for step in steps:
        actions.move_by_offset(*step)
    actions.release().perform()


@pytest.mark.parametrize("isolated", [True, False], ids=["threads", "one thread"])
def test_twelve_megapixels_are_filled_as_in_python(page, served, scene, python, isolated):
    path, pixels = scene
    with served(isolated=isolated) as address:
        page.open(address)
        assert page.chrome.execute_script("return crossOriginIsolated") is isolated
        assert ("1 thread," in page.at("facts").text) is not isolated
        assert "12.2 megapixels" in page.load("file", path)
        paint(page, [(60, 20), (60, 50), (80, 40), (20, 80), (-100, 20)])
        assert "pixels filled" in page.press("fill")
        filled = np.asarray(Image.open(page.save("save")))
        mask = np.asarray(Image.open(page.save("save-mask")))
        asked = page.requests()
    assert set(np.unique(mask)) == {0, 255}
    hole = mask == 255
    assert hole.mean() > 0.02
    assert np.array_equal(filled[~hole], pixels[~hole])
    expected = python(np.where(hole[..., None], np.uint8(0), pixels), hole)
    apart = np.abs(filled.astype(int) - expected).max(axis=2)[hole]
    assert (apart <= 1).mean() >= 0.999
    assert all(url.startswith((address, f"blob:{address}", "data:", "about:")) for url in asked), asked

"""Sheet of the demo: names over the columns, a cell for each picture."""

import cv2
import numpy as np

from df8k.bundled import contact_sheet


def test_the_sheet_has_a_heading_and_a_cell_for_each_image():
    red, wide = np.full((64, 64, 3), (200, 0, 0), np.uint8), np.full((32, 64, 3), (0, 0, 200), np.uint8)
    sheet = cv2.imdecode(
        np.frombuffer(contact_sheet([[red, wide], [red, None]], ["one", "two"], side=64), np.uint8), 1
    )
    assert sheet.shape == (30 + 2 * 68, 2 * 68, 3)
    for left in (0, 68):
        assert sheet[:30, left : left + 64].min() < 128, "a name stands over every column"
    assert tuple(sheet[30 + 32, 32]) == (0, 0, 200)
    assert tuple(sheet[30 + 16, 68 + 32]) == (200, 0, 0)
    assert tuple(sheet[30 + 50, 68 + 32]) == (255, 255, 255), "aspects are kept"
    assert sheet[30 + 68 :, 68:].min() < 128, "where there is no image the sheet says so"

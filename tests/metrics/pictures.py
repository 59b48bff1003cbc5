"""Pictures and holes made in code, for the tests of this package."""

import numpy as np
import numpy.typing as npt


def scene(height: int, width: int, *, seed: int = 0) -> npt.NDArray[np.uint8]:
    """Smooth shading, edges and grain: enough structure for every metric to have something to measure."""
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[:height, :width].astype(float)
    planes = []
    for channel in range(3):
        wave = np.sin(x / (7 + channel) + seed) + np.cos(y / (11 - channel)) + np.sin((x + y) / 31)
        edges = 60.0 * ((x // 23 + y // 17 + channel) % 2)
        planes.append(90 + 28 * wave + edges + rng.normal(0, 9, (height, width)))
    return np.clip(np.rint(np.stack(planes, axis=2)), 0, 255).astype(np.uint8)


def noisy(image: npt.NDArray[np.uint8], sigma: float, *, seed: int = 1) -> npt.NDArray[np.uint8]:
    noise = np.random.default_rng(seed).normal(0, sigma, image.shape)
    return np.clip(np.rint(image + noise), 0, 255).astype(np.uint8)


def blob(height: int, width: int) -> npt.NDArray[np.bool_]:
    """A disc and a thin stroke that touches the picture's edge."""
    y, x = np.mgrid[:height, :width]
    disc = (y - height * 0.45) ** 2 + (x - width * 0.55) ** 2 < (min(height, width) * 0.22) ** 2
    return disc | ((abs(x - y) < 3) & (y < height // 3))


def composite(
    prediction: npt.NDArray[np.uint8], target: npt.NDArray[np.uint8], mask: npt.NDArray[np.bool_]
) -> npt.NDArray[np.uint8]:
    return np.where(mask[..., None], prediction, target)

"""Torchvision's Faster R-CNN, when its weights are on this machine."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from df8k.errors import BuildError
from df8k.picture import Picture

from .base import Suspicion
from .weights import WEIGHTS, required_weights

NAME: Final = "faster-rcnn"
_LONG_SIDE: Final = 1333  # px: what the network was trained with; it reduces further itself
_PERSON: Final = 1  # class of COCO
# Probabilities; the network reports none below 0.05.
_UNCERTAIN, _CERTAIN = 0.3, 0.8


class Learned:
    """Faster R-CNN on MobileNetV3-Large with a feature pyramid (Ren et al., NeurIPS 2015; torchvision)."""

    name = NAME

    def __init__(self, path: Path | None = None) -> None:
        """Load the network.

        Args:
            path: of its state, as torchvision publishes it; the pinned file by default.

        Raises:
            BuildError: the weights are not on this machine, or do not fit.
        """
        import torch
        from torchvision.models.detection import fasterrcnn_mobilenet_v3_large_fpn

        entry = WEIGHTS[0]
        path = path or required_weights(NAME, entry)[0]
        self._model: Any = fasterrcnn_mobilenet_v3_large_fpn(weights=None, weights_backbone=None)
        try:
            self._model.load_state_dict(torch.load(path, map_location="cpu", weights_only=True))
        except Exception as error:  # torch raises many kinds for a file that is not a state
            raise BuildError(
                f"{path} is not the state of the detector {NAME!r}: {type(error).__name__}"
            ) from error
        self._model.eval()

    def suspect(self, picture: Picture) -> Suspicion:
        """Find the highest probability of a person."""
        import torch

        pixels = torch.from_numpy(picture.reduced(_LONG_SIDE)).permute(2, 0, 1).float() / 255
        with _one_torch_thread(), torch.inference_mode():
            detections = self._model([pixels])[0]
        persons = detections["scores"][detections["labels"] == _PERSON]
        probability = float(persons.max()) if len(persons) else 0.0
        score = (probability - _UNCERTAIN) / (_CERTAIN - _UNCERTAIN)
        return Suspicion(score, f"{NAME} probability {probability:.2f}")


@contextmanager
def _one_torch_thread() -> Iterator[None]:
    """Keep torch to one thread.

    Probabilities must not depend on the number of threads, nor one worker take the cores of the others.
    """
    import torch

    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)

"""Keep the states of distribution metrics: one file per image during a run, one per size afterwards."""

from collections.abc import Sequence
from pathlib import Path
from shutil import rmtree
from typing import Final

import numpy as np
import numpy.typing as npt

from _df8k.bounded import read_limited
from _df8k.files import write_bytes
from _df8k.gate import GateError, checked_id, inside, joined
from df8k import metrics
from df8k.leaderboard.errors import LeaderboardError
from df8k.leaderboard.protocol.sizes import Size

from .schema import Distribution

_SUFFIX: Final = ".safetensors"
_MAX_BYTES: Final = 2**30  # a hundred thousand pictures with 2048 features each take less


class Features:
    """Features of the filled pictures and their originals, kept in memory or beside a result."""

    def __init__(
        self, names: Sequence[str], folder: Path | None, *, memory: int, fetch_weights: bool = False
    ) -> None:
        """Start, or go on with what ``folder`` holds.

        Args:
            names: registered distribution metrics; with none of them nothing is kept.
            folder: where states are stored; ``None`` keeps them in memory.
            memory: bytes that one picture may take.
            fetch_weights: fetch absent weights.
        """
        self._names, self._folder, self._memory = list(names), folder, memory
        self._fetch = fetch_weights
        self._states: dict[tuple[str, str], bytes] = {}

    def store(self, size: str, image_id: str, state: bytes) -> None:
        """Add one picture by its `picture_state`, which is stored when this returns."""
        if self._folder is None:
            self._states[size, image_id] = state
        else:
            write_bytes(self._path(size, image_id), state)

    def summarise(self, size: Size, ids: Sequence[str]) -> dict[str, Distribution]:
        """Compute values over the pictures ``ids`` of one size; a joint state replaces the single ones."""
        if not self._names:
            return {}
        joint = self._accumulator()
        for image_id in ids:
            joint.restore(self._read(size, image_id))
        if self._folder is not None and ids:
            write_bytes(state_path(self._folder, size), joint.state())
        return distributions(joint)

    def tidy(self) -> None:
        """Remove the single states; call it once the result is written."""
        if self._folder is not None and self._folder.is_dir():
            for folder in self._folder.iterdir():
                if folder.is_dir():
                    rmtree(folder)

    def _accumulator(self) -> metrics.Accumulator:
        return metrics.accumulate(self._names, fetch_weights=self._fetch, memory=self._memory)

    def _path(self, size: Size | str, image_id: str) -> Path:
        if self._folder is None:
            raise LeaderboardError("these features are kept in memory")
        return joined(self._folder, str(size), f"{checked_id(image_id)}{_SUFFIX}")

    def _read(self, size: Size, image_id: str) -> bytes:
        if self._folder is None:
            return self._states[str(size), image_id]
        return read_limited(self._path(size, image_id), LeaderboardError, limit=_MAX_BYTES)


def picture_state(
    names: Sequence[str],
    prediction: npt.NDArray[np.uint8],
    target: npt.NDArray[np.uint8],
    mask: npt.NDArray[np.bool_],
    *,
    key: str,
    memory: int,
    fetch_weights: bool = False,
) -> bytes | None:
    """Compute what one picture brings to metrics of sets; ``None`` where there are none.

    Args:
        names: registered distribution metrics.
        prediction: uint8 RGB ``(H, W, 3)``, composited.
        target: the original.
        mask: bool ``(H, W)``, ``True`` = missing.
        key: image ID.
        memory: bytes that it may take.
        fetch_weights: fetch absent weights.
    """
    if not names:
        return None
    single = metrics.accumulate(list(names), fetch_weights=fetch_weights, memory=memory)
    single.update(prediction, target, mask, key=key)
    return single.state()


def distributions(joint: metrics.Accumulator) -> dict[str, Distribution]:
    """Write the values of an accumulator in the form of a result."""
    keys = sorted(joint.keys)
    return {
        name: Distribution(
            value=estimate.value,
            n=estimate.n,
            deviation=estimate.deviation,
            flags=list(estimate.flags),
            reason=estimate.reason,
            pseudo_values=dict(zip(keys, estimate.pseudo_values, strict=bool(estimate.pseudo_values))),
        )
        for name, estimate in joint.compute().items()
    }


def recompute(names: Sequence[str], folder: Path, size: Size) -> dict[str, Distribution]:
    """Compute values from a stored joint state.

    Args:
        names: the metrics that the state was made with.
        folder: see `features_path`.
        size: which of its states.

    Raises:
        LeaderboardError: the state is absent or damaged.
    """
    return distributions(joint_state(names, [folder], size))


def joint_state(names: Sequence[str], folders: Sequence[Path], size: Size) -> metrics.Accumulator:
    """Read the stored states of one size, together.

    Args:
        names: the metrics that the states were made with.
        folders: see `features_path`.
        size: which of their states.

    Raises:
        LeaderboardError: a state is absent or damaged, or holds a picture that another holds too.
    """
    joint = metrics.accumulate(names)
    for folder in folders:
        path = state_path(folder, size)
        try:
            joint.restore(read_limited(inside(folder, path.name), LeaderboardError, limit=_MAX_BYTES))
        except (GateError, LeaderboardError, metrics.MetricError) as error:
            raise LeaderboardError(f"{path} cannot be read: {error}; its values cannot be checked") from error
    return joint


def features_path(path: Path) -> Path:
    """Name the folder with the states of a result, beside its RESULT.json."""
    return path.with_suffix(".features")


def state_path(folder: Path, size: Size) -> Path:
    """Name the file with the joint state of one size in a folder of features."""
    return joined(folder, f"{size}{_SUFFIX}")

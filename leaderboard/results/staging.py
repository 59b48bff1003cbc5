"""Results in an object store: made on this machine, and published when they are whole."""

from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path

from _df8k.files import remove_folder, write_bytes
from _df8k.gate import joined
from _df8k.store import remote
from _df8k.store.cache import cache_root
from df8k.leaderboard.errors import refuse_existing

from .distribution_states import features_path
from .journal import journal_path
from .per_image import per_image_path


@contextmanager
def staged(out: Path | None, *, overwrite: bool) -> Iterator[Path | None]:
    """Give where a run writes its result; a store gets it at the end, its RESULT.json last.

    A run that was interrupted goes on where it is started again on this machine.

    Raises:
        LeaderboardError: the store holds a result there already.
    """
    if out is None or remote(out) is None:
        yield out
        return
    refuse_existing(out, overwrite=overwrite)
    key = sha256(str(out).encode()).hexdigest()[:16]
    local = joined(cache_root() / "results", key, out.name)
    if not journal_path(local).exists():
        remove_folder(local.parent)  # a whole one that was not published is made again
    yield local
    write_bytes(per_image_path(out), per_image_path(local).read_bytes())
    for path in sorted(features_path(local).glob("*")):
        write_bytes(joined(features_path(out), path.name), path.read_bytes())
    write_bytes(out, local.read_bytes())
    remove_folder(local.parent)


def brought(path: Path, folder: Path) -> Path:
    """Copy a store's RESULT.json and what lies beside it into a folder; one of this machine stays.

    Returns:
        RESULT.json on this machine.
    """
    if remote(path) is None:
        return path
    local = joined(folder, path.name)
    write_bytes(local, path.read_bytes())
    write_bytes(per_image_path(local), per_image_path(path).read_bytes())
    for state in features_path(path).iterdir():
        write_bytes(joined(features_path(local), state.name), state.read_bytes())
    return local

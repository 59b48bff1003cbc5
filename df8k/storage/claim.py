"""Claim a dataset folder: an empty one or one's own; a finished dataset is never changed."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager

from filelock import FileLock, Timeout

from _df8k.files import only_writer, remove_folder, remove_temporaries, write_text
from _df8k.store import remote
from df8k.config import BuildConfig
from df8k.errors import BuildError

from .description import Description, read_description
from .layout import Layout


def refuse_foreign_folder(layout: Layout) -> None:
    """Refuse a file, and a folder that holds something else than a build.

    Raises:
        BuildError: the folder is one of these.
    """
    if layout.root.exists() and not layout.root.is_dir():
        raise BuildError(f"{layout.root} is a file; give a folder for the dataset")
    is_build = layout.description.exists() or layout.work.is_dir()
    if layout.root.is_dir() and not is_build and any(layout.root.iterdir()):
        raise BuildError(f"{layout.root} is neither empty nor a build of df8k; give another folder")


def read_finished(layout: Layout, config: BuildConfig, inputs: str) -> Description:
    """Read the ``df8k.json`` of a finished dataset that this build would make again.

    Args:
        layout: of the dataset.
        config: the build's.
        inputs: hash over the candidates' file hashes.

    Raises:
        BuildError: it is a dataset of another configuration, or of other photographs.
        DatasetError: ``df8k.json`` is damaged.
    """
    description = read_description(layout.root)
    if description.configuration != config:
        raise BuildError(
            f"{layout.root} holds a finished dataset of another configuration ({description.configuration}); "
            "a dataset is never changed: give another folder"
        )
    if description.inputs != inputs:
        raise BuildError(
            f"{layout.root} holds a finished dataset of other photographs; a dataset is never changed: "
            "give another folder"
        )
    if layout.work.is_dir():  # a build killed while it cleaned up leaves some of it
        remove_folder(layout.work)
    return description


@contextmanager
def claim_folder(layout: Layout, config: BuildConfig) -> Iterator[None]:
    """Hold the folder for one process and one configuration.

    Raises:
        BuildError: another process builds there, or it holds an unfinished build of another configuration.
    """
    layout.work.mkdir(parents=True, exist_ok=True)
    try:
        with _lock(layout):
            remove_temporaries(layout.root)
            marker = layout.work / "configuration.json"
            if not marker.exists():
                write_text(marker, config.model_dump_json())
            elif marker.read_text(encoding="utf-8") != config.model_dump_json():
                raise BuildError(
                    f"{layout.root} holds an unfinished build of another configuration "
                    f"({marker.read_text(encoding='utf-8')}); delete the folder or give another one"
                )
            yield
    except (BlockingIOError, Timeout) as error:
        raise BuildError(f"another process is building in {layout.root}; wait for it, or end it") from error


def _lock(layout: Layout) -> AbstractContextManager[object]:
    """Lock the folder; in a store against processes of this machine alone.

    Two machines that build the same there write the same objects under the same keys.
    """
    return only_writer(layout.root) if remote(layout.root) else FileLock(layout.work / "lock", timeout=0)

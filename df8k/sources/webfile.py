"""An image with an address, fetched into the cache when it is wanted."""

from contextlib import nullcontext
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path

from filelock import FileLock

from _df8k.files import flush
from _df8k.patience import Turns
from df8k.sources.download import Patience, fetch

from .cache import cache_folder


@dataclass(frozen=True, kw_only=True)
class WebFile:
    """Fetches one file.

    Attributes:
        url: its address.
        checksum: see `df8k.sources.download.fetch`.
        size: bytes; 0 when not known.
        cache: folder of fetched files; ``None`` for the user's.
        patience: see `_df8k.patience.Patience`.
        turns: shared by files of a server that wants one request at a time.
    """

    url: str
    checksum: str = ""
    size: int = 0
    cache: Path | None = None
    patience: Patience | None = None
    turns: Turns | None = field(default=None, compare=False)

    @property
    def path(self) -> Path:
        """Path in the cache, once it is fetched; another version of it lies elsewhere."""
        return stored_at(self.cache, f"{self.url}|{self.checksum}|{self.size}")

    def __call__(self, largest: int) -> None:
        """Fetch it; see `df8k.sources.download.fetch`."""
        path = self.path
        path.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(path.parent / "lock"):  # two builds may want the same file
            if not path.exists():
                with self.turns or nullcontext():
                    fetch(
                        [self.url],
                        path,
                        checksum=self.checksum,
                        size=self.size,
                        largest=largest,
                        patience=self.patience,
                    )


def stored_at(cache: Path | None, name: str) -> Path:
    """Give the path in the cache of what is called ``name``."""
    digest = sha256(name.encode("utf-8", "surrogatepass")).hexdigest()
    return (cache or cache_folder()) / "files" / digest[:2] / digest[2:34]


def store(cache: Path | None, data: bytes) -> Path:
    """Keep bytes in the cache under their hash, whole or not at all.

    Raises:
        OSError: the folder cannot be written, or the disk is full.
    """
    path = stored_at(cache, sha256(data).hexdigest())
    path.parent.mkdir(parents=True, exist_ok=True)
    with FileLock(path.parent / "lock"):
        if not path.exists():
            # A fixed name: what a killed process leaves is overwritten by the next attempt.
            partial = path.with_name(f"{path.name}.part")
            partial.write_bytes(data)
            flush(partial)
            partial.replace(path)
    return path

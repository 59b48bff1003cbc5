"""The store of learned weights: pinned by size and hash, found in known caches, fetched only when told to."""

import os
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from platformdirs import user_cache_path

from .download import Expected, Progress, download, sha256_of
from .errors import MetricError, UnavailableError


@dataclass(frozen=True, kw_only=True)
class WeightsEntry:
    """One file of weights.

    Attributes:
        name: what users type.
        filename: name in the store.
        size: bytes.
        sha256: of the file, in hexadecimal.
        licence: of the weights, with what is known of the data behind them.
        purpose: one line: what needs it.
        urls: where it can be fetched, tried in turn; empty for files that come with a package.
        aliases: names under which other libraries keep the same file in torch's cache.
        shipped: path of a file that comes with an installed package.
    """

    name: str
    filename: str
    size: int
    sha256: str
    licence: str
    purpose: str
    urls: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()
    shipped: Path | None = None


_DISTS = "https://raw.githubusercontent.com/dingkeyan93/DISTS/1267d8cb626c98706db3697422701c56a85ebf2e"
_PYTORCH_FID = "https://github.com/mseitzer/pytorch-fid/releases/download/fid_weights"
_TORCH_FIDELITY = "https://github.com/toshas/torch-fidelity/releases/download/v0.2.0"
_IMAGENET = (
    "BSD-3-Clause (torchvision); trained on ImageNet-1k, whose pictures are for non-commercial research"
)

ENTRIES = (
    WeightsEntry(
        name="alexnet",
        filename="alexnet-owt-7be5be79.pth",
        size=244_408_911,
        sha256="7be5be791159472b1fbf3c69796f7cb30dca7ad8466c2df70058c37116cdee02",
        licence=_IMAGENET,
        purpose="backbone of lpips-alex-0.1",
        urls=("https://download.pytorch.org/models/alexnet-owt-7be5be79.pth",),
    ),
    WeightsEntry(
        name="vgg16",
        filename="vgg16-397923af.pth",
        size=553_433_881,
        sha256="397923af8e79cdbb6a7127f12361acd7a2f83e06b05044ddf496e83de57a5bf0",
        licence=_IMAGENET,
        purpose="backbone of lpips-vgg-0.1 and dists; perceptual loss of df8k train",
        urls=("https://download.pytorch.org/models/vgg16-397923af.pth",),
    ),
    WeightsEntry(
        name="squeezenet1_1",
        filename="squeezenet1_1-b8a52dc0.pth",
        size=4_958_839,
        sha256="b8a52dc049b60e4b6ab68ad0df457362afab8b6304b2febdc1650a5dab4d7e7b",
        licence=_IMAGENET,
        purpose="backbone of lpips-squeeze-0.1",
        urls=("https://download.pytorch.org/models/squeezenet1_1-b8a52dc0.pth",),
    ),
    WeightsEntry(
        name="dists",
        filename="dists-1267d8cb.pt",
        size=12_288,
        sha256="f5e65c96230b7f6ca995691647d482237e4cab8a50c5c4a5784f219ef0748218",
        licence="MIT (the authors of DISTS)",
        purpose="channel weights of dists",
        urls=(f"{_DISTS}/DISTS_pytorch/weights.pt",),
    ),
    WeightsEntry(
        name="inception",
        filename="pt_inception-2015-12-05-6726825d.pth",
        size=95_628_359,
        sha256="6726825d0af5f729cebd5821db510b11b1cfad8faad88a03f1befd49fb9129b2",
        licence="Apache-2.0 (TensorFlow's Inception of 2015, converted by pytorch-fid); trained on ImageNet",
        purpose="fid-*, kid-*, patch-*, is, pids and uids",
        urls=(
            f"{_PYTORCH_FID}/pt_inception-2015-12-05-6726825d.pth",
            f"{_TORCH_FIDELITY}/weights-inception-2015-12-05-6726825d.pth",
        ),
        aliases=("weights-inception-2015-12-05-6726825d.pth",),
    ),
)


@cache
def _checked(path: Path, size: int, sha256: str, _changed_ns: int) -> bool:
    """Whether the file is the pinned one; hashed once a process unless it changes."""
    return path.stat().st_size == size and sha256_of(path) == sha256


class Store:
    """Where weights are looked for, and the only place that fetches them.

    Looked for in this order: the store's folder (``DF8K_WEIGHTS``, else the user's cache folder), then the
    cache that torchvision, lpips and torch-fidelity share (``TORCH_HOME``, else ``~/.cache/torch``). A file
    counts only when size and SHA-256 are the pinned ones.
    """

    def __init__(
        self,
        entries: Iterable[WeightsEntry] = ENTRIES,
        *,
        folder: Path | None = None,
        offline: bool | None = None,
        fetch: bool = False,
    ) -> None:
        """Open a store.

        Args:
            entries: what it knows; names must differ.
            folder: in place of ``DF8K_WEIGHTS``.
            offline: never open a connection; by default the environment variable ``DF8K_OFFLINE`` decides.
            fetch: let `require` fetch what is absent; otherwise only an explicit `fetch` does.

        Raises:
            MetricError: two entries of one name.
        """
        known = tuple(entries)
        self.entries = {entry.name: entry for entry in known}
        if len(self.entries) != len(known):
            raise MetricError("two weights entries have the same name")
        chosen = os.environ.get("DF8K_WEIGHTS")
        self.folder = folder or (Path(chosen) if chosen else user_cache_path("df8k") / "weights")
        self.offline = os.environ.get("DF8K_OFFLINE", "") not in {"", "0"} if offline is None else offline
        self._fetch_when_absent = fetch

    def entry(self, name: str) -> WeightsEntry:
        """Look an entry up.

        Raises:
            MetricError: no such name; the message lists the known ones.
        """
        if name not in self.entries:
            raise MetricError(f"no weights are called {name!r}; known: {', '.join(self.entries)}")
        return self.entries[name]

    def candidates(self, name: str) -> tuple[Path, ...]:
        """Paths at which the file is looked for, in order."""
        entry = self.entry(name)
        if entry.shipped is not None:
            return (entry.shipped,)
        shared = _torch_cache()
        return (self.folder / entry.filename, *(shared / file for file in (entry.filename, *entry.aliases)))

    def find(self, name: str) -> Path | None:
        """Path of the file where it is present with the pinned size and hash, else ``None``."""
        entry = self.entry(name)
        for path in self.candidates(name):
            if path.is_file() and _checked(path, entry.size, entry.sha256, path.stat().st_mtime_ns):
                return path
        return None

    def require(self, name: str) -> Path:
        """Path of the file, fetched first where the store was opened to do so.

        Raises:
            UnavailableError: it is absent; the message says how to get it.
        """
        found = self.find(name)
        if found is not None:
            return found
        if self._fetch_when_absent and not self.offline:
            return self.fetch(name)
        entry = self.entry(name)
        wrong = [path for path in self.candidates(name) if path.is_file()]
        note = f"; {wrong[0]} is there but is not the pinned file" if wrong else ""
        raise UnavailableError(
            f"the weights {name!r} ({entry.size / 1e6:.1f} MB) are not on this machine{note}: run "
            f"'df8k weights fetch {name}', or put {entry.filename} into {self.folder}"
        )

    def fetch(self, name: str, *, progress: Progress | None = None) -> Path:
        """Fetch a file unless it is present.

        Args:
            name: of the entry.
            progress: called with bytes so far and in all.

        Raises:
            UnavailableError: offline, or no source can be reached.
            MetricError: a source gives other bytes than the pinned ones.
        """
        found = self.find(name)
        if found is not None:
            return found
        entry = self.entry(name)
        if self.offline:
            raise UnavailableError(
                f"offline: {name!r} is not fetched; put {entry.filename} into {self.folder} "
                f"or unset DF8K_OFFLINE (source: {', '.join(entry.urls)})"
            )
        if not entry.urls:
            raise UnavailableError(
                f"{name!r} comes with a package and is not where it should be: reinstall it"
            )
        target = self.folder / entry.filename
        target.unlink(missing_ok=True)  # `find` has refused it
        failures: list[MetricError] = []
        for url in entry.urls:
            try:
                download(url, target, Expected(entry.size, entry.sha256), progress=progress)
            except MetricError as error:
                failures.append(error)
            else:
                return target
        raise failures[0]


def _torch_cache() -> Path:
    """The folder that ``torch.hub`` downloads to, without importing torch."""
    cache_home = os.environ.get("XDG_CACHE_HOME") or "~/.cache"
    home = os.environ.get("TORCH_HOME") or f"{cache_home}/torch"
    return Path(home).expanduser() / "hub" / "checkpoints"

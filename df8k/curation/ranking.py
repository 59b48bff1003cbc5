"""Order of candidates: by a key of their content, not by names, and without what the build itself writes."""

from collections import Counter
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path

from _df8k.store import remote
from df8k.config import BuildConfig
from df8k.errors import BuildError, SourceError
from df8k.identity import keyed_hash
from df8k.sources import Candidate

from .decisions import Decision
from .obtain import Obtained


def outside(candidates: Iterable[Candidate], out: Path) -> Iterator[Candidate]:
    """Leave out what lies in the folder of the dataset: a build never takes its own output."""
    if (stored := remote(out)) is not None:
        return (
            item for item in candidates if not f"{getattr(item.fetch, 'url', '')}".startswith(f"{stored}/")
        )
    root = out.resolve()
    resolved = cache(Path.resolve)  # of a folder once, not with each of its files

    def inside(path: Path) -> bool:
        return (path.resolve() if path.is_symlink() else resolved(path.parent)).is_relative_to(root)

    return (item for item in candidates if not inside(item.path))


def rank(obtained: list[Obtained], config: BuildConfig) -> list[tuple[str, Candidate]]:
    """Order candidates, with the hash of their file, by a key of the content, not by the files' names."""
    hashed = [(item.source_sha256, item.candidate) for item in obtained if item.source_sha256]
    if not hashed:
        reasons = Counter(item.reason for item in obtained).most_common()
        unfetched = ", ".join(f"{count} {reason}" for reason, count in reasons)
        if unfetched:
            raise BuildError(
                f"no file is left of {len(obtained)} candidates: {unfetched}; the first: {obtained[0].detail}"
            )
        raise SourceError("the sources hold no image files; supported are JPEG, PNG, TIFF, WebP and BMP")
    return sorted(hashed, key=lambda item: (keyed_hash(config.version, "order", item[0]), item[1]))


def never_seen(obtained: list[Obtained]) -> list[Decision]:
    """Reject the candidates that have no file."""
    return [
        Decision(
            candidate=item.candidate,
            source_sha256="",
            verdict="reject",
            reason=item.reason,
            detail=item.detail,
        )
        for item in obtained
        if not item.source_sha256
    ]

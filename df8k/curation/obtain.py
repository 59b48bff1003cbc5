"""Fetch what the configuration does not exclude, and nothing else."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Final

from _df8k.files import sha256_of
from df8k.config import BuildConfig
from df8k.errors import GoneError, SourceError
from df8k.sources import Candidate

from .admission import excluded
from .licences import licence_name

# A source that wants one request at a time sees to that itself.
_CONNECTIONS: Final = 4
# So many failures in a row are a network that is down, not files that are missing.
_GIVE_UP: Final = 20
_SHOWN: Final = 3


@dataclass(frozen=True, kw_only=True)
class Obtained:
    """Outcome of fetching a candidate.

    Attributes:
        candidate: where it came from.
        source_sha256: hash of its file; empty when there is none.
        reason: why there is none, in the manifest's word.
        detail: the finding behind it.
    """

    candidate: Candidate
    source_sha256: str = ""
    reason: str = ""
    detail: str = ""


def obtain(
    candidates: Iterable[Candidate],
    config: BuildConfig,
    *,
    skip_unreachable: bool = False,
    progress: Callable[[int], None] = lambda _done: None,
) -> list[Obtained]:
    """Fetch and hash candidates; the order stays.

    Args:
        candidates: in the order of their sources.
        config: says which ones are not fetched, see `df8k.curation.admission.excluded`.
        skip_unreachable: go on without files that cannot be had now; a later build may then differ.
        progress: called with the number of candidates that are done.

    Raises:
        SourceError: files cannot be had now; the others stay in the cache.
        OSError: a file cannot be read or written.
    """
    obtained: list[Obtained] = []
    unreachable: list[str] = []
    in_a_row = 0
    for done, result in enumerate(_in_threads(candidates, config), 1):
        progress(done)
        in_a_row = in_a_row + 1 if isinstance(result, _Unreachable) else 0
        if isinstance(result, Obtained):
            obtained.append(result)
        elif skip_unreachable:
            obtained.append(Obtained(candidate=result.candidate, reason="fetch", detail=result.detail))
        else:
            unreachable.append(result.detail)
        if in_a_row == _GIVE_UP and not skip_unreachable:
            break
    if unreachable:
        first = "; ".join(unreachable[:_SHOWN])
        raise SourceError(
            f"{len(unreachable)} files cannot be had now: {first}. Run the same command again: it asks for "
            "the missing ones only; --skip-unreachable builds without them"
        )
    return obtained


@dataclass(frozen=True)
class _Unreachable:
    candidate: Candidate
    detail: str


def _in_threads(candidates: Iterable[Candidate], config: BuildConfig) -> Iterator[Obtained | _Unreachable]:
    with ThreadPoolExecutor(_CONNECTIONS) as pool:
        under_way: deque[Future[Obtained | _Unreachable]] = deque()
        try:
            for candidate in candidates:
                under_way.append(pool.submit(_obtain, candidate, config))
                if len(under_way) >= 2 * _CONNECTIONS:
                    yield under_way.popleft().result()
            while under_way:
                yield under_way.popleft().result()
        finally:
            pool.shutdown(wait=True, cancel_futures=True)


def _obtain(candidate: Candidate, config: BuildConfig) -> Obtained | _Unreachable:
    candidate = replace(candidate, licence=licence_name(candidate.licence))
    if candidate.fetch is not None:
        reason, detail = excluded(candidate, config)
        if reason:
            return Obtained(candidate=candidate, reason=reason, detail=detail)
        try:
            candidate.fetch(config.max_bytes)
        except GoneError as error:
            return Obtained(candidate=candidate, reason=error.reason, detail=str(error))
        except SourceError as error:
            return _Unreachable(candidate, str(error))
    known = replace(candidate, size=candidate.path.stat().st_size)
    return Obtained(candidate=known, source_sha256=sha256_of(candidate.path))

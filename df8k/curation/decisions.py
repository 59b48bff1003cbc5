"""Which candidates are kept, and why the others are not."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from math import log10
from sys import intern
from typing import Any

from df8k.config import BuildConfig
from df8k.identity import keyed_hash
from df8k.sources import Candidate

from .admission import excluded
from .examine import Record
from .likeness import Clusters, Look


@dataclass(frozen=True, kw_only=True, slots=True)
class Decision:
    """Verdict on one candidate.

    Attributes:
        candidate: where it came from.
        source_sha256: hash of its file.
        verdict: ``keep``, ``reject``, or ``unused`` when the limit was reached before it was examined.
        reason: one word for a rejection; empty for ``keep``.
        detail: the finding behind it.
        duplicate_of: ID of the kept image with the same or nearly the same content.
        override: ``keep`` or ``drop`` when a person decided.
        record: result of the examination; ``None`` when unused.
    """

    candidate: Candidate
    source_sha256: str
    verdict: str
    reason: str = ""
    detail: str = ""
    duplicate_of: str = ""
    override: str = ""
    record: Record | None = None

    @property
    def kept(self) -> bool:
        """``True`` for an image of the dataset."""
        return self.verdict == "keep"

    @property
    def examined(self) -> Record:
        """Result of the examination.

        Raises:
            LookupError: the candidate was not examined.
        """
        if self.record is None:
            raise LookupError(f"{self.candidate.key} was not examined")
        return self.record

    @property
    def id(self) -> str:
        """Image ID; empty when the pixels are not known."""
        return self.record.id if self.record else ""

    @property
    def pixel_sha256(self) -> str:
        """Hash of the pixels; empty when they are not known."""
        return self.record.pixel_sha256 if self.record else ""

    @property
    def doubt(self) -> str:
        """Finding for a person to look at; empty once the image is rejected, or a person has decided."""
        return self.record.doubt if self.record and self.kept and not self.override else ""

    def row(self, splits: dict[str, str]) -> dict[str, Any]:
        """Make the row of the manifest."""
        record = self.record or Record(source_sha256=self.source_sha256)
        return {
            "id": record.id,
            "source": self.candidate.source,
            "key": self.candidate.key,
            "licence": self.candidate.licence,
            "author": self.candidate.author,
            "origin": self.candidate.origin,
            "source_sha256": self.source_sha256,
            "pixel_sha256": record.pixel_sha256,
            "file_sha256": record.file_sha256 if self.kept else "",
            "width": record.width or self.candidate.width or None,
            "height": record.height or self.candidate.height or None,
            "decision": self.verdict,
            "reason": self.reason,
            "detail": self.detail,
            "duplicate_of": self.duplicate_of,
            "split": splits.get(record.id, "") if self.kept else "",
            "phash": record.look["phash"] if record.look else "",
            "doubt": self.doubt,
            "override": self.override,
            "quality": quality(record),
            **{f"score_{name}": value for name, value in record.scores.items()},
        }


def quality(record: Record) -> float | None:
    """Score the quality that selection goes by: sharpness (`df8k.checks.blur`) plus log10 of the megapixels.

    Returns:
        the score; ``None`` when the sharpness was not measured.
    """
    sharpness = record.scores.get("blur_sharpness")
    return None if sharpness is None else sharpness + log10(record.width * record.height / 1e6)


def decide(
    ranked: list[tuple[str, Candidate]], records: Iterable[Record], config: BuildConfig
) -> list[Decision]:
    """Decide on candidates; records are drawn only until ``config.limit`` images are sure to be kept.

    A person's word comes first, then the file's own faults, then exact duplicates (the first in the order
    stays), then near-duplicates (the best of each group stays, see `_merit`).

    Args:
        ranked: file hash and candidate, in an order that does not depend on names.
        records: their examinations, in the same order.
        config: limit, overrides, near-duplicates.
    """
    chooser = _Chooser(config)
    remaining = iter(records)
    decisions = []
    streaming = config.selection == "content"
    for source_sha256, candidate in ranked:
        reason, detail = excluded(candidate, config)
        if reason:
            decision = Decision(candidate=candidate, source_sha256=source_sha256, verdict="reject")
            decisions.append(replace(decision, reason=reason, detail=detail))
        elif streaming and config.limit is not None and chooser.count >= config.limit:
            detail = f"{config.limit} images were found before it"
            unused = Decision(candidate=candidate, source_sha256=source_sha256, verdict="unused")
            decisions.append(replace(unused, reason="limit", detail=detail))
        else:
            decisions.append(chooser.first_verdict(candidate, next(remaining)))
    decisions = chooser.without_duplicates(decisions)
    return decisions if streaming else _select(decisions, config)


def _lean(record: Record) -> Record:
    """Leave out what is compared once: 20 kB a candidate, of which there may be a million."""
    scores = {intern(name): score for name, score in record.scores.items()}  # each came with its own names
    return replace(record, scores=scores, look=record.look and {"phash": record.look["phash"]})


def _select(decisions: list[Decision], config: BuildConfig) -> list[Decision]:
    """Keep the best images within the quotas and the limit; a person's choices come first."""

    def rank(decision: Decision) -> tuple[bool, float, str]:
        tie = keyed_hash(config.version, "quality", decision.pixel_sha256)
        return (decision.override != "keep", -(quality(decision.examined) or 0.0), tie)

    taken: Counter[str] = Counter()
    beyond: dict[str, str] = {}
    for decision in sorted((item for item in decisions if item.kept), key=rank):
        source = decision.candidate.source
        quota = config.quotas.get(source)
        if quota is not None and taken[source] >= quota:
            beyond[decision.id] = f"{quota} better images of {source} were kept"
        elif config.limit is not None and taken.total() >= config.limit:
            beyond[decision.id] = f"{config.limit} better images were kept"
        else:
            taken[source] += 1
    return [
        replace(item, verdict="unused", reason="limit", detail=beyond[item.id])
        if item.kept and item.id in beyond
        else item
        for item in decisions
    ]


class _Chooser:
    """Verdicts one by one, and groups of what looks alike as they grow."""

    def __init__(self, config: BuildConfig) -> None:
        self._version, self._near = config.version, config.near_duplicates
        self._keep, self._drop = frozenset(config.keep), frozenset(config.drop)
        self._kept: dict[str, Decision] = {}
        # A distance below zero compares nothing: every image is a group of its own.
        near = self._near
        self._clusters = Clusters(
            distance=near.distance if near else -1, correlation=near.correlation if near else 1.0
        )

    @property
    def count(self) -> int:
        """Number of images that are kept so far."""
        return self._clusters.count

    def first_verdict(self, candidate: Candidate, record: Record) -> Decision:
        """Decide from the file itself, a person's word and exact duplicates."""
        names = {record.id, record.source_sha256} - {""}
        decision = Decision(
            candidate=candidate, source_sha256=record.source_sha256, verdict="reject", record=_lean(record)
        )
        if names & self._drop:
            return replace(decision, reason="override", detail="a person dropped it", override="drop")
        forced = bool(names & self._keep and record.file_sha256)
        if record.reason and not forced:
            return replace(decision, reason=record.reason, detail=record.detail)
        if record.id in self._kept:
            detail = f"the same pixels as {record.id}"
            return replace(decision, reason="duplicate", detail=detail, duplicate_of=record.id)
        decision = replace(decision, verdict="keep", override="keep" if forced else "")
        self._kept[record.id] = decision
        self._clusters.add(record.id, Look.of(record.look or {}))
        return decision

    def without_duplicates(self, decisions: list[Decision]) -> list[Decision]:
        """Keep the best of each group alone."""
        best: dict[str, str] = {}
        for group in self._clusters.groups():
            first = min(group, key=lambda image_id: self._merit(self._kept[image_id]))
            best |= dict.fromkeys(group, first)
        final = []
        for decision in decisions:
            twin = best.get(decision.id, "")
            if decision.kept and twin != decision.id:
                detail = f"looks like {twin}, which is better"
                decision = replace(  # noqa: PLW2901 - one verdict replaces the other
                    decision, verdict="reject", reason="near-duplicate", detail=detail, duplicate_of=twin
                )
            elif decision.reason == "duplicate":
                decision = replace(decision, duplicate_of=twin)  # noqa: PLW2901
            final.append(decision)
        return final

    def _merit(self, decision: Decision) -> tuple[bool, bool, int, float, int, str]:
        """Order the members of a group, the best first.

        A person's choice, colours as stored, more pixels, weaker JPEG blocks, a larger file; at last a keyed
        hash.
        """
        record = decision.examined
        return (
            decision.override != "keep",
            not record.native,
            -record.width * record.height,
            round(record.scores.get("compression_blocks", 0.0), 2),
            -record.source_bytes,
            keyed_hash(self._version, "merit", record.pixel_sha256),
        )

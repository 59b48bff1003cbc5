"""Which candidates are kept, and why the others are not."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from .examine import Record
from .sources import Candidate


@dataclass(frozen=True, kw_only=True)
class Decision:
    """Verdict on one candidate.

    Attributes:
        candidate: where it came from.
        source_sha256: hash of its file.
        verdict: ``keep``, ``reject``, or ``unused`` when the limit was reached before it was examined.
        reason: one word for a rejection; empty for ``keep``.
        detail: the finding behind it.
        duplicate_of: ID of the kept image with the same pixels.
        record: result of the examination; ``None`` when unused.
    """

    candidate: Candidate
    source_sha256: str
    verdict: str
    reason: str = ""
    detail: str = ""
    duplicate_of: str = ""
    record: Record | None = None

    @property
    def kept(self) -> bool:
        """Whether the image is part of the dataset."""
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

    def row(self, splits: dict[str, str]) -> dict[str, Any]:
        """Row of the manifest."""
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
            "file_sha256": record.file_sha256,
            "width": record.width or None,
            "height": record.height or None,
            "decision": self.verdict,
            "reason": self.reason,
            "detail": self.detail,
            "duplicate_of": self.duplicate_of,
            "split": splits.get(record.id, "") if self.kept else "",
        }


def decide(
    ranked: list[tuple[str, Candidate]], records: Iterable[Record], *, limit: int | None
) -> Iterator[Decision]:
    """Decide on candidates in their order; records are drawn only until ``limit`` images are kept.

    Args:
        ranked: file hash and candidate, in the order that decides which of several duplicates stays.
        records: their examinations, in the same order.
        limit: how many images to keep; ``None`` for all.
    """
    kept: set[str] = set()
    remaining = iter(records)
    for source_sha256, candidate in ranked:
        if limit is not None and len(kept) >= limit:
            detail = f"{limit} images were kept before it"
            yield Decision(
                candidate=candidate,
                source_sha256=source_sha256,
                verdict="unused",
                reason="limit",
                detail=detail,
            )
            continue
        record = next(remaining)
        if record.reason:
            verdict, reason, detail, twin = "reject", record.reason, record.detail, ""
        elif record.id in kept:
            verdict, reason, twin = "reject", "duplicate", record.id
            detail = f"the same pixels as {record.id}"
        else:
            verdict, reason, detail, twin = "keep", "", "", ""
            kept.add(record.id)
        yield Decision(
            candidate=candidate,
            source_sha256=source_sha256,
            verdict=verdict,
            reason=reason,
            detail=detail,
            duplicate_of=twin,
            record=record,
        )

"""What a finished build knows of its images: the numbers behind card, figures and datasheet."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from df8k.curation.decisions import Decision
from df8k.testmasks import TestMask


@dataclass(frozen=True, kw_only=True)
class Facts:
    """Numbers of the kept images, in the order of their IDs.

    Attributes:
        sizes: width and height of each image in pixels.
        sources: images per source.
        licences: images per licence as the source states it.
        coverages: fraction of missing pixels of each test mask.
        uncertain: images that a check would have a person look at.
        overridden: images and rejections that a person decided.
        authors: images whose author is named.
    """

    sizes: Sequence[tuple[int, int]]
    sources: Mapping[str, int] = field(default_factory=dict)
    licences: Mapping[str, int] = field(default_factory=dict)
    coverages: Sequence[float] = ()
    uncertain: int = 0
    overridden: int = 0
    authors: int = 0


def collect_facts(decisions: Iterable[Decision], masks: Mapping[str, TestMask]) -> Facts:
    """Collect facts from the decisions on every candidate, and the masks of the test images by ID."""
    seen = list(decisions)
    kept = sorted((item for item in seen if item.kept), key=lambda item: item.id)
    return Facts(
        sizes=[(item.examined.width, item.examined.height) for item in kept],
        sources=Counter(item.candidate.source for item in kept),
        licences=Counter(item.candidate.licence or "not stated" for item in kept),
        coverages=[mask.whole.coverage for _, mask in sorted(masks.items())],
        uncertain=sum(bool(item.doubt) for item in kept),
        overridden=sum(bool(item.override) for item in seen),
        authors=sum(bool(item.candidate.author.strip()) for item in kept),
    )

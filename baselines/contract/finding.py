"""Finding of a check."""

from dataclasses import dataclass
from typing import Literal

Verdict = Literal["ok", "note", "broken", "skipped"]


@dataclass(frozen=True)
class Finding:
    """Outcome of one check.

    Attributes:
        check: what was looked at.
        verdict: ``ok``; ``note`` for what scores may suffer from; ``broken``; ``skipped`` where an earlier
            finding left nothing to look at.
        found: the fault or the answer, in words.
        remedy: what to do; empty where there is nothing to do.
    """

    check: str
    verdict: Verdict
    found: str
    remedy: str = ""

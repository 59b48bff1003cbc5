"""What a check is: one function from a picture and its limits to a finding."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from pydantic import BaseModel, ConfigDict

from df8k.picture import Picture


class Limits(BaseModel):
    """Thresholds of one check; subclasses name them, with defaults."""

    model_config = ConfigDict(frozen=True, extra="forbid")


@dataclass(frozen=True)
class Finding:
    """Outcome of one check.

    Attributes:
        scores: every measure that the check declares, also for pictures that pass.
        fault: what is wrong, in words; empty when the picture passes.
        doubt: what a person should look at; empty when the check is sure.
    """

    scores: Mapping[str, float]
    fault: str = ""
    doubt: str = ""


@dataclass(frozen=True)
class Check:
    """Entry of a check: its word, its measures, its limits and its function.

    Attributes:
        reason: the manifest's word for a rejection by it.
        measures: names of its scores.
        limits: class of its thresholds.
        function: the check itself.
    """

    reason: str
    measures: tuple[str, ...]
    limits: type[Limits]
    function: Callable[[Picture, Any], Finding] = field(repr=False)

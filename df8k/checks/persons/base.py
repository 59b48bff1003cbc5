"""What a detector of persons is."""

from dataclasses import dataclass
from typing import Protocol

from df8k.picture import Picture


@dataclass(frozen=True)
class Suspicion:
    """Certainty of a detector that a picture shows a person.

    Attributes:
        score: from 0 on a person should look; from 1 on the detector is sure.
        finding: what it goes by, in words: its own measure and value.
    """

    score: float
    finding: str


class Detector(Protocol):
    """Object that looks for persons.

    Attributes:
        name: stands in the verdicts.
    """

    name: str

    def suspect(self, picture: Picture) -> Suspicion:
        """Look at a picture; `Picture.reduced` gives it at any smaller size."""
        ...

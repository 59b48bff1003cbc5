"""Persons, by whichever detector there is."""

from pydantic import ConfigDict, field_validator

from df8k.picture import Picture

from .base import Check, Finding, Limits
from .persons import open_detector, resolve


class PersonLimits(Limits):
    """Which detector looks (see `persons`), and the scores from which on it is sure or in doubt."""

    model_config = ConfigDict(frozen=True, extra="forbid", validate_default=True)

    detector: str = "auto"
    certain: float = 1.0
    uncertain: float = 0.0

    @field_validator("detector")
    @classmethod
    def _resolve(cls, name: str) -> str:
        # A configuration names the detector that it means: the same one everywhere, or an error.
        return resolve(name)


def person(picture: Picture, limits: PersonLimits) -> Finding:
    """Ask the detector how sure it is: a person at 1 and above, perhaps one at 0 and above.

    What is not sure is kept, and stands on the review list.
    """
    detector = open_detector(limits.detector)
    suspicion = detector.suspect(picture)
    scores = {"suspicion": suspicion.score}
    if suspicion.score >= limits.certain:
        return Finding(scores, f"a person: {detector.name}, {suspicion.finding}")
    if suspicion.score >= limits.uncertain:
        return Finding(scores, doubt=f"perhaps a person: {detector.name}, {suspicion.finding}")
    return Finding(scores)


CHECK = Check("person", ("suspicion",), PersonLimits, person)

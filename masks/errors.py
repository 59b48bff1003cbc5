"""Errors and warnings of this package."""


class MaskError(ValueError):
    """Mask, preset or request for one that is not usable; the message says what to do."""


class PolarityWarning(UserWarning):
    """Suspicion that a mask has its known pixels marked instead of its missing ones."""

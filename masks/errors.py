"""What this package raises and warns with."""


class MaskError(ValueError):
    """A mask, a preset or a request for one is not usable; the message says what to do."""


class PolarityWarning(UserWarning):
    """A mask looks as if its known pixels were marked instead of its missing ones."""

"""What can go wrong with a dataset.

Df8kError
├── SourceError    a source cannot be read
│   └── GoneError  a file of it cannot be had, now or later
├── BuildError     a build cannot start or go on
├── FillError      a photograph, its mask or the answer of a method do not fit
├── WorkerDiedError  a worker process ends under a task
└── DatasetError   a folder is not a dataset, or is damaged
"""


class Df8kError(ValueError):
    """Base of every error of this package; the message is written for the user."""


class SourceError(Df8kError):
    """Source that cannot be read."""


class GoneError(SourceError):
    """File of a source that cannot be had, now or later.

    Attributes:
        reason: the manifest's word for it, ``fetch`` or ``size``.
    """

    def __init__(self, message: str, *, reason: str) -> None:
        super().__init__(message)
        self.reason = reason


class BuildError(Df8kError):
    """Build that cannot start or go on."""


class FillError(Df8kError):
    """Photograph, mask or answer that do not fit each other."""


class DatasetError(Df8kError):
    """Folder that is not a dataset, or is damaged."""


class WorkerDiedError(Df8kError):
    """Task under which a worker process ends, as often as it is tried."""


class SourceWarning(UserWarning):
    """Something of a source that a person should look at: nothing is lost, but something may be missing."""

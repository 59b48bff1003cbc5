"""Errors of this package, as one family."""


class MetricError(ValueError):
    """Arrays, names or files that a metric cannot work with; the message says why and what to do."""


class UnknownMetricError(MetricError):
    """Name of no registered metric."""


class UnavailableError(MetricError):
    """Absence from this machine of something that a metric needs; the message says how to get it."""

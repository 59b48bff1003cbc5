"""What goes wrong in this package, as one family."""


class MetricError(ValueError):
    """Arrays, names or files that a metric cannot work with; the message says why and what to do."""


class UnknownMetricError(MetricError):
    """No metric of that name is registered."""


class UnavailableError(MetricError):
    """A metric needs something that is not on this machine; the message says how to get it."""

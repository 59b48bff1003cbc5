"""Columns of a board: one for each metric and region that tables show."""

from dataclasses import dataclass
from typing import Final

from df8k import metrics
from df8k.leaderboard.protocol.ranking import metric_of

# The regions that tables show; the others stand in CSV and JSON.
_REGIONS: Final = ("full", "hole")


@dataclass(frozen=True)
class Column:
    """Metric as tables show it.

    Attributes:
        key: ``name.region``, or the name of a metric of sets.
        heading: with region and unit.
        factor: to the unit shown.
        digits: after the point.
        higher_is_better: direction; ``None`` where neither is better as such.
    """

    key: str
    heading: str
    factor: float
    digits: int
    higher_is_better: bool | None

    def text(self, value: float) -> str:
        """Format a value in the unit shown."""
        return f"{value * self.factor:.{self.digits}f}"


# What people prefer is no metric of pictures: it comes from `df8k vote score`, bears no mark and never ranks.
VOTES: Final = Column("votes", "human votes", 1.0, 2, higher_is_better=True)


def registered_columns() -> list[Column]:
    """List the columns of all metrics, full image then hole, in the registry's order."""
    columns = []
    for spec in metrics.list_metrics():
        regions = [region for region in _REGIONS if region in spec.regions]
        keys = [f"{spec.name}.{region}" for region in regions] or list(spec.keys)
        columns += [_column(spec, key) for key in keys]
    return columns


def column_of(key: str) -> Column:
    """Make the column of a metric.

    Args:
        key: ``name.region``, or the name of a metric of sets.

    Raises:
        metrics.MetricError: no metric is called so.
    """
    return _column(metric_of(key), key)


def _column(spec: metrics.MetricSpec, key: str) -> Column:
    factor, unit, digits = (100.0, ", %", 3) if spec.name == "l1" else (1.0, "", 4)
    if spec.unit == "dB":
        unit, digits = ", dB", 2
    return Column(key, f"{key.replace('.', ' ')}{unit}", factor, digits, spec.higher_is_better)

"""Results as tables for notebooks."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    import pandas as pd


class _Summary(Protocol):
    """Fields of `schema.Result` that its table is made of."""

    method: Any
    dataset: Any
    sizes: list[Any]


class Tabular:
    """What a result offers to notebooks and terminals."""

    def to_pandas(self: _Summary) -> "pd.DataFrame":
        """Put the result into a table, one row per size.

        Returns:
            Columns ``method``, ``size``, ``n``, ``failed``, each metric's mean by its key (missing where
            there is no value), and ``median_ms``.
        """
        import pandas as pd

        return pd.DataFrame([_row(self.method.name, row) for row in self.sizes])

    def __repr__(self: _Summary) -> str:
        sizes = ", ".join(str(row.size) for row in self.sizes)
        return f"Result({self.method.name} on {self.dataset.name} {self.dataset.version}: {sizes})"

    def __str__(self) -> str:
        return repr(self)

    def _repr_html_(self: Any) -> str:
        """Show a notebook the table."""
        return str(self.to_pandas().to_html(index=False, float_format="{:.4g}".format))


def _row(method: str, row: Any) -> Mapping[str, Any]:
    scores = {key: estimate.mean for key, estimate in row.metrics.items()}
    sets = {key: value.value for key, value in row.distributions.items()}
    latency = None if row.latency is None else 1000 * row.latency.median_s
    counts = {"n": row.n, "failed": sum(row.failures.values())}
    return {"method": method, "size": row.size, **counts, **scores, **sets, "median_ms": latency}

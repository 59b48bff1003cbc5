"""Public methods by one word, ``known:NAME``: where they come from, how they are fed, what was tried."""

from .entry import KnownMethod, catalogue, known_method, weights_entries
from .opening import PREFIX, open_known

__all__ = ["PREFIX", "KnownMethod", "catalogue", "known_method", "open_known", "weights_entries"]

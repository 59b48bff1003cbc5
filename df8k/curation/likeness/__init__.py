"""Near-duplicates: hashes and features find candidates, a comparison of thumbnails makes sure."""

from .clusters import Clusters
from .look import Look

__all__ = ["Clusters", "Look"]

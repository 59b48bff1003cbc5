"""Does a method keep to `baselines.Inpainter`, and if not, what is wrong and what to do."""

from .check import check_method
from .finding import Finding

__all__ = ["Finding", "check_method"]

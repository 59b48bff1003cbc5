"""Strategies for pictures larger than a method works on: native, resize, crop or tile."""

from .apply import with_strategy
from .choice import Strategy

__all__ = ["Strategy", "with_strategy"]

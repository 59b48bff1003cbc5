"""Paired removal: scenes with an object, the same scenes without it, and where its shadow fell."""

from .records import RemovalPair, RemovalSet, load_removal, write_removal
from .shards import pack_removal

__all__ = ["RemovalPair", "RemovalSet", "load_removal", "pack_removal", "write_removal"]

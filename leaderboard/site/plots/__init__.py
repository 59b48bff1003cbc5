"""Drawings of the board and of latency."""

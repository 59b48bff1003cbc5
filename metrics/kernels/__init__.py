"""Loops over pixels, compiled with numba; imported when a metric runs, since numba takes a second to load."""

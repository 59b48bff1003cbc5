"""Lattice shapes and their pixels: integers to exact rasters at any size, and label maps back to outlines."""

"""Presets, a law of drawing to a file; `masks.catalogue` lists the files."""

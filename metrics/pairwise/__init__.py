"""Metrics of one image against its original, a file to each; `metrics._registry` lists the files."""

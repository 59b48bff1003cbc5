"""Metrics of a set of images against its originals, a file to each; `metrics._registry` lists the files."""

"""Inference at any size: the grid of cells, aggregation of the residual, the pipelines."""

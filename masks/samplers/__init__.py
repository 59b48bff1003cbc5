"""Samplers of random drawings, which presets are made of, and the solver that brings one to its coverage."""

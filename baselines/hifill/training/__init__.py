"""Losses and objective of the training."""

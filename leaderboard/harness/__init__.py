"""Run a method over a dataset and score what it made."""

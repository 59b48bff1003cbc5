"""Passing a dataset on: shards, and the Hugging Face hub."""

"""Files of a dataset folder: where each lies, its tables, its ``df8k.json``."""

"""Files of a dataset folder: where each lies, who may write, its tables, its ``df8k.json``."""

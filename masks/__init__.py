"""Free-form masks."""

from _df8k_guard import check_siblings

check_siblings(__file__)

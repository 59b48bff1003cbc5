"""Whether results may be believed, joined and compared."""

"""Metrics of a filled picture alone, for holes whose original nobody has."""

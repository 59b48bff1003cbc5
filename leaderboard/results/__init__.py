"""RESULT.json and what lies beside it."""

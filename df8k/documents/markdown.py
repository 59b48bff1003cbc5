"""Text from outside, made safe for Markdown."""


def cell(text: str) -> str:
    """Put text on one line without markup, fit for a table."""
    flat = " ".join(text.split())
    return "".join(f"\\{char}" if char in "|<>[]`*_\\" else char for char in flat)

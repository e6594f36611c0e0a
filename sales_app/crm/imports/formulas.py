"""Cells that a spreadsheet would run. An export puts an apostrophe before them, an import takes it off again."""

STARTS = ("=", "+", "-", "@", "\t", "\r", "\n")


def escape(text: str) -> str:
    """Also where blanks come first: some programs drop them before they look."""
    return f"'{text}" if text.lstrip(" ").startswith(STARTS) else text


def unescape(text: str) -> str:
    return text[1:] if text.startswith("'") and text[1:].lstrip(" ").startswith(STARTS) else text

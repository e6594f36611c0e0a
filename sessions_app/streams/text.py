"""What every text column and JSON column of either database can hold."""

from typing import Any


def without_nul(value: Any) -> Any:
    """The JSON value without NUL characters: PostgreSQL keeps none, and nobody can read one."""
    if isinstance(value, str):
        return value.replace("\x00", "") if "\x00" in value else value
    if isinstance(value, dict):
        return {without_nul(name): without_nul(each) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [without_nul(each) for each in value]
    return value

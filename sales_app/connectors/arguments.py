"""What an operation was asked, read from JSON: ids, instants and days, numbers."""

from datetime import UTC, datetime
from typing import Any

from sales_app.connectors.base import ConnectorError

Json = dict[str, Any]
ID_DIGITS = 18  # of the largest number that a key can be


class WrongArgument(ConnectorError):
    """An argument that means nothing; ``message`` says which and what it should be."""

    code = "wrong_argument"


def text(arguments: Json, name: str) -> str:
    value = arguments.get(name)
    return "" if value is None else str(value)


def required(arguments: Json, name: str) -> str:
    value = text(arguments, name)
    if not value:
        raise WrongArgument(f"{name} is missing.")
    return value


def key(arguments: Json, name: str) -> int | None:
    """An id of ours. None: it was not given; what can be no id is one that nothing has, 0."""
    value = text(arguments, name)
    if not value:
        return None
    return int(value) if value.isascii() and value.isdigit() and len(value) <= ID_DIGITS else 0


def moment(arguments: Json, name: str) -> datetime | None:
    """An instant or a day in ISO 8601. A day begins, and an instant without zone is meant, in UTC."""
    value = arguments.get(name)
    if value in (None, ""):
        return None
    try:
        found = value if isinstance(value, datetime) else datetime.fromisoformat(str(value))
    except ValueError:
        raise WrongArgument(
            f"{name} is a day or an instant in ISO 8601, such as 2026-11-24T09:00:00+01:00; {value!r} is not."
        ) from None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def count(arguments: Json, name: str, *, default: int, most: int) -> int:
    value = arguments.get(name)
    if value in (None, ""):
        return default
    try:
        found = int(str(value))
    except ValueError:
        raise WrongArgument(f"{name} is a number from 1 to {most}; {value!r} is not.") from None
    return min(max(found, 1), most)

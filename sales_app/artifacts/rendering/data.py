"""Reading ``document.data``, which collectors made: what has another shape than told is left out, never an error."""

import math
from collections.abc import Iterator
from decimal import Decimal, InvalidOperation
from typing import Any

from sales_app.facts import Source

Json = dict[str, Any]


def objects(value: Any) -> Iterator[Json]:
    for each in value if isinstance(value, list | tuple) else ():
        if isinstance(each, dict):
            yield each


def text(value: Any, default: str = "") -> str:
    return value if isinstance(value, str) else str(value) if isinstance(value, int | float) else default


def number(value: Any, default: float | None = None) -> float | None:
    try:
        found = float(value)
    except (TypeError, ValueError):
        return default
    return found if math.isfinite(found) else default


def money(value: Any) -> Decimal | None:
    """A sum as a decimal string or a number."""
    try:
        found = Decimal(str(value))
    except InvalidOperation:
        return None
    return found if found.is_finite() else None


def source(value: Any) -> Source | None:
    """``{label, url, as_of, quote}``; the other fields of a source are optional."""
    if not isinstance(value, dict) or not text(value.get("label")):
        return None
    fields = ("category", "provider", "ref", "label", "url", "as_of", "quote")
    return Source(**{name: text(value.get(name)) for name in fields})  # type: ignore[arg-type]  # all are texts


def sources(value: Json) -> list[Source]:
    """Of ``source`` or ``sources``."""
    given = value.get("sources") if isinstance(value.get("sources"), list | tuple) else [value.get("source")]
    return [found for each in given or () if (found := source(each))]

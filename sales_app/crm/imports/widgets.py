"""From a cell to a value, with a message that says how to write it. Raises ``ValueError``.

An empty cell is no value: a new record takes the default, an existing one keeps what it has.
"""

import re
from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from import_export.widgets import Widget

from sales_app.crm.models.key import key_of


class Text(Widget):
    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> Any:
        return value

    def render(self, value: Any, obj: Any = None, **kwargs: Any) -> Any:
        return "" if value is None else value


class Choice(Text):
    """The value or the label, in any case."""

    def __init__(self, choices: list[tuple[str, str]]) -> None:
        super().__init__()
        self.known = {}
        for value, label in choices:
            self.known[key_of(value).replace("_", " ")] = value
            self.known[key_of(label).replace("-", " ")] = value
        self.names = ", ".join(value for value, _ in choices if value)

    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> str:
        wanted = key_of(value).replace("_", " ").replace("-", " ")
        if wanted not in self.known:
            raise ValueError(f"Use one of: {self.names}.")
        return self.known[wanted]


class Money(Text):
    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> str:
        plain = value.replace(",", "") if re.fullmatch(r"\d{1,3}(,\d{3})+(\.\d+)?", value) else value
        if not re.fullmatch(r"\d{1,12}(\.\d{1,2})?", plain):
            raise ValueError(
                "Write the amount as 12500 or 12500.50: no currency sign, a point before the cents."
            )
        return str(Decimal(plain))

    def render(self, value: Any, obj: Any = None, **kwargs: Any) -> Any:
        return "" if value is None else f"{value:.2f}"


class Whole(Text):
    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> int:
        plain = value.replace(",", "") if re.fullmatch(r"\d{1,3}(,\d{3})+", value) else value
        plain = plain.removesuffix("%").strip()
        if not re.fullmatch(r"\d{1,9}(\.0+)?", plain):
            raise ValueError("Write a whole number, such as 250.")
        return int(Decimal(plain))


class Day(Text):
    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> str:
        try:
            return date.fromisoformat(value[:10] if value[10:].strip(" T0:") == "" else value).isoformat()
        except ValueError:
            raise ValueError("Write the day as 2026-03-31: year, month, day.") from None

    def render(self, value: Any, obj: Any = None, **kwargs: Any) -> Any:
        return "" if value is None else value.isoformat()


class Moment(Text):
    """A time without a zone is one in the importer's own."""

    def __init__(self, zone: ZoneInfo) -> None:
        super().__init__()
        self.zone = zone

    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> str:
        try:
            found = datetime.fromisoformat(value)
            return (
                (found if found.tzinfo else found.replace(tzinfo=self.zone))
                .astimezone(ZoneInfo("UTC"))
                .isoformat()
            )
        except (ValueError, OverflowError):
            raise ValueError(
                "Write the time as 2026-03-31 14:30, or with its zone 2026-03-31T14:30:00+02:00."
            ) from None

    def render(self, value: Any, obj: Any = None, **kwargs: Any) -> Any:
        return "" if value is None else value.astimezone(self.zone).isoformat(timespec="minutes")


class YesNo(Text):
    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> bool:
        wanted = value.lower()
        if wanted in {"yes", "y", "true", "1", "done", "x"}:
            return True
        if wanted in {"no", "n", "false", "0"}:
            return False
        raise ValueError("Write yes or no.")

    def render(self, value: Any, obj: Any = None, **kwargs: Any) -> Any:
        return "yes" if value else "no"


class Reference(Text):
    """Another record, by one of the things it is called: ``find(written, row)`` gives its id or raises."""

    def __init__(self, find: Callable[[str, dict[str, Any]], int], show: Callable[[Any], str]) -> None:
        super().__init__()
        self.find = find
        self.show = show

    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> int:
        return self.find(value, row or {})

    def render(self, value: Any, obj: Any = None, **kwargs: Any) -> Any:
        return "" if value is None else self.show(value)

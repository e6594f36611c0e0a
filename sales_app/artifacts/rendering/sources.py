"""Footnotes: where a statement can be read again, of when it is, and the words that it rests on."""

from datetime import date, datetime
from html import escape

from sales_app.artifacts.rendering.inline import anchor, safe_href
from sales_app.documents import Document
from sales_app.facts import Source

STALE_DAYS = 90


class Sources:
    """Numbers each source once, in the order of its first mention."""

    def __init__(self) -> None:
        self._numbers: dict[tuple[str, str, str, str], int] = {}
        self._sources: list[Source] = []

    def number(self, source: Source) -> int:
        # Two quotes of one mail are two footnotes: each says what its statement rests on.
        key = (source.category, source.ref, source.url, source.quote)
        if key not in self._numbers:
            self._numbers[key] = len(self._numbers) + 1
            self._sources.append(source)
        return self._numbers[key]

    def every(self) -> tuple[Source, ...]:
        """In the order of their numbers."""
        return tuple(self._sources)

    def cites(self, document: Document, ids: tuple[str, ...]) -> str:
        numbers: list[int] = []
        for name in ids:
            fact = document.fact(name)
            numbers += [self.number(source) for source in fact.sources] if fact else []
        return marks(numbers)

    def html(self, today: date) -> str:
        if not self._sources:
            return ""
        entries = "".join(
            self._entry(number, source, today) for number, source in enumerate(self._sources, 1)
        )
        return f'<footer class="sources" data-said><h2>Sources</h2><ol>{entries}</ol></footer>'

    def _entry(self, number: int, source: Source, today: date) -> str:
        label = escape(name_of(source))
        href = safe_href(source.url)
        name = f"{anchor(href)}{label}</a>" if href else label
        quote = f" <q>{escape(source.quote)}</q>" if source.quote else ""
        return f'<li id="source-{number}">{name} {dated(source.as_of, today)}{quote}</li>'


def marks(numbers: list[int]) -> str:
    links = "".join(f'<a href="#source-{number}">{number}</a>' for number in dict.fromkeys(numbers))
    return f'<sup class="cite" aria-label="Sources">{links}</sup>' if links else ""


def name_of(source: Source) -> str:
    return source.label or source.provider or source.category


def is_stale(day: date, today: date) -> bool:
    return (today - day).days > STALE_DAYS


def day_of(as_of: str) -> date | None:
    try:
        return datetime.fromisoformat(as_of).date()
    except (TypeError, ValueError):
        return None


def dated(as_of: str, today: date) -> str:
    """The day, and a mark when it is long ago. The page's script marks again by the day on which it is read."""
    day = day_of(as_of)
    if day is None:
        return ""
    stale = '<span class="stale">stale</span>' if is_stale(day, today) else ""
    return f'<time datetime="{day.isoformat()}" data-as-of>{day.day} {day:%b %Y}</time>{stale}'

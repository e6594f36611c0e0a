"""A document as Markdown: statements with numbered citations that are links to their sources."""

import re
from collections.abc import Callable
from datetime import datetime

from sales_app.documents.document import Block, Document, Section
from sales_app.facts import Source

# ``link(source)`` is where a source can be read, "" when nowhere.
Link = Callable[[Source], str]

UNSUPPORTED = "no source found"


def own_page(source: Source) -> str:
    """Sources are pages of ours; whatever else a provider names is not linked."""
    return source.url if is_own(source.url) else ""


def is_own(address: str) -> bool:
    return address.startswith("/") and not address.startswith(("//", "/\\"))


def to_markdown(document: Document, *, link: Link = own_page, lines: int | None = None) -> str:
    """``lines``: at most so many statements; those behind are left out, and so are headings without any."""
    numbers = Numbers(link)
    parts: list[str] = []
    left = lines
    for section in document.sections:
        if left is not None and left <= 0:
            break
        blocks = section.blocks if left is None else section.blocks[:left]
        if not blocks:
            continue
        parts.append(f"## {escaped(section.title)}\n\n{_section(document, section, blocks, numbers)}")
        left = None if left is None else left - len(blocks)
    return "\n\n".join(parts)


class Numbers:
    """Each source has one number in a text."""

    def __init__(self, link: Link) -> None:
        self._link = link
        self._numbers: dict[tuple[str, str, str], int] = {}

    def cites(self, document: Document, block: Block) -> str:
        found: dict[int, str] = {}
        for name in block.cites:
            fact = document.fact(name)
            for source in fact.sources if fact else ():
                key = (source.category, source.ref, source.url)
                number = self._numbers.setdefault(key, len(self._numbers) + 1)
                found.setdefault(number, self._cite(number, source))
        return "".join(f" {each}" for each in found.values())

    def _cite(self, number: int, source: Source) -> str:
        address = self._link(source)
        if not address or re.search(r"[\s()<>\"]", address):
            return f"[{number}]"
        title = _title(source) if source.label.strip() else ""
        return f'[{number}]({address} "{title}")' if title else f"[{number}]({address})"


QUOTE_MAX = 240
_TITLES = str.maketrans({'"': "'", "\\": "/", "(": "‹", ")": "›", "|": "¦"})


def _title(source: Source) -> str:
    """ "label · 20 Nov 2026 · 'words'", as static/js/chat/cite.js reads it. It stands in quotes: what would end it is replaced."""
    parts = [source.label, _day(source.as_of)]
    quote = " ".join(source.quote.split())
    if quote:
        parts.append(f"'{quote if len(quote) <= QUOTE_MAX else quote[:QUOTE_MAX].rsplit(' ', 1)[0] + '…'}'")
    said = " · ".join(part for part in parts if part)
    return " ".join(said.translate(_TITLES).split())


def _day(as_of: str) -> str:
    try:
        found = datetime.fromisoformat(as_of)
    except ValueError:
        return ""
    return f"{found.day} {found:%b %Y}"


def _section(document: Document, section: Section, blocks: tuple[Block, ...], numbers: Numbers) -> str:
    written: list[str] = []
    before = ""
    place = 0
    for block in blocks:
        place = place + 1 if block.kind == "action" and not block.indent else (place if block.indent else 0)
        said = _line(document, section, block, numbers, place)
        if block.kind == "row" and before != "row" and section.header:
            head = " | ".join(_cell(title) for title in section.header)
            said = f"| {head} |\n|{' --- |' * len(section.header)}\n{said}"
        both = {block.kind, before}
        together = both in ({"row"}, {"quote"}, {"item"}, {"action"}) or (
            both == {"item", "action"} and bool(block.indent)
        )
        written.append(said if together or not written else f"\n{said}")
        before = block.kind
    return "\n".join(written)


def _line(document: Document, section: Section, block: Block, numbers: Numbers, place: int) -> str:
    cites = numbers.cites(document, block)
    mark = f" **({UNSUPPORTED})**" if block.flag == "unsupported" else ""
    space = "  " * block.indent
    if block.kind == "row":
        cells = [_cell(cell) for cell in block.cells] or [""]
        cells[-1] += cites + mark
        return f"| {' | '.join(cells)} |"
    if block.kind == "item":
        return f"{space}- {block.text}{cites}{mark}"
    if block.kind == "action":
        return f"{space}{place or 1}. {block.text}{cites}{mark}"
    if block.kind == "quote":
        return f"> {block.text}{cites}{mark}"
    if block.kind == "note":
        return f"*{block.text}*"
    return f"{block.text}{cites}{mark}"


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def escaped(text: str) -> str:
    """A name or title that Markdown takes for no markup."""
    return re.sub(r"([\\`*_\[\]<>])", r"\\\1", " ".join(text.split()))

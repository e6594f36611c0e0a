"""What code decides about a result."""

import re
from collections.abc import Callable
from dataclasses import dataclass

from sales_app.documents import Block, Document, Section
from sales_app.evals.grammar import Check

GAPS = "Not read"  # what could not be collected is told apart; it is not what was written
ACTING = re.compile(r"\b(?:next steps?|actions?|to do|do next|replies)\b", re.IGNORECASE)


@dataclass(frozen=True, kw_only=True)
class Result:
    """What a trial brought: a document, or only an answer. ``asked``: the answer is a question back."""

    document: Document
    asked: bool = False

    @property
    def text(self) -> str:
        return text_of(self.document)


def text_of(document: Document) -> str:
    return "\n".join(
        line
        for section in _sections(document)
        for line in (section.title, *section.header, *(words_of(block) for block in section.blocks))
        if line
    )


def words_of(block: Block) -> str:
    return " | ".join(cell for cell in block.cells if cell) if block.kind == "row" else block.text


def passes(check: Check, result: Result) -> tuple[bool, str]:
    """Whether it holds, and what was found, in words for people."""
    return _CHECKS[check.form](check, result)


def _sections(document: Document) -> list[Section]:
    return [section for section in document.sections if section.title != GAPS]


def _key(text: str) -> str:
    return " ".join(re.sub(r"[^\w ]+", " ", text.casefold()).split())


def _named(check: Check, result: Result) -> Section | None:
    return next((each for each in _sections(result.document) if _key(each.title) == _key(check.text)), None)


def _titles(result: Result) -> str:
    return ", ".join(section.title for section in _sections(result.document)) or "none"


def _has_section(check: Check, result: Result) -> tuple[bool, str]:
    return _named(check, result) is not None, f"Sections: {_titles(result)}."


def _has_no_section(check: Check, result: Result) -> tuple[bool, str]:
    return _named(check, result) is None, f"Sections: {_titles(result)}."


def _words(result: Result) -> int:
    return len(re.findall(r"\S*\w\S*", result.text))


def _most_words(check: Check, result: Result) -> tuple[bool, str]:
    count = _words(result)
    return count <= check.number, f"{count:,} words."


def _least_words(check: Check, result: Result) -> tuple[bool, str]:
    count = _words(result)
    return count >= check.number, f"{count:,} words."


def _items(check: Check, result: Result) -> int:
    section = _named(check, result)
    return sum(block.kind != "note" for block in section.blocks) if section else 0


def _most_items(check: Check, result: Result) -> tuple[bool, str]:
    count = _items(check, result)
    return count <= check.number, f"{count} in it."


def _least_items(check: Check, result: Result) -> tuple[bool, str]:
    count = _items(check, result)
    return count >= check.number, f"{count} in it."


def _folded(text: str) -> str:
    return " ".join(text.casefold().replace("’", "'").split())


def _mentioned(check: Check, result: Result) -> tuple[bool, str]:
    text, wanted = _folded(result.text), _folded(check.text)
    # Whole words: "ARR" is not in "carry"; what is cut off on purpose ("decide by Q") still finds Q2.
    found = re.search(rf"(?<!\w){re.escape(wanted)}", text)
    if not found:
        return False, "Not there."
    return True, f"“…{text[max(0, found.start() - 40) : found.end() + 40]}…”"


def _not_mentioned(check: Check, result: Result) -> tuple[bool, str]:
    there, where = _mentioned(check, result)
    return not there, where


def _sourced(_: Check, result: Result) -> tuple[bool, str]:
    document = result.document
    known = {fact.id for fact in document.facts}
    statements = [block for _, _, block in document.statements()]
    for block in statements:
        if not block.cites or not known.issuperset(block.cites):
            return False, f"No source: “{words_of(block)[:160]}”"
        if block.flag == "unsupported":
            return False, f"Its source does not say so: “{words_of(block)[:160]}” {block.why}".strip()
    return True, f"{len(statements)} statements."


def _next_step(_: Check, result: Result) -> tuple[bool, str]:
    for section in _sections(result.document):
        for block in section.blocks:
            if block.kind == "action" or (block.kind != "note" and ACTING.search(section.title)):
                return True, f"“{words_of(block)[:160]}”"
    return False, "There is no action in it."


def _asks_back(_: Check, result: Result) -> tuple[bool, str]:
    return result.asked, "It asked." if result.asked else "It did not ask."


_CHECKS: dict[str, Callable[[Check, Result], tuple[bool, str]]] = {
    "section": _has_section,
    "no_section": _has_no_section,
    "most_words": _most_words,
    "least_words": _least_words,
    "most_items": _most_items,
    "least_items": _least_items,
    "mentioned": _mentioned,
    "not_mentioned": _not_mentioned,
    "sourced": _sourced,
    "next_step": _next_step,
    "asks_back": _asks_back,
}

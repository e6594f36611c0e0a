"""What is said of a published document: its beginning, with sources as links, what is in doubt, and what is missing."""

from collections.abc import Sequence
from dataclasses import replace

from sales_app.claims import unsupported
from sales_app.documents import Document, Section
from sales_app.documents.writing import UNSUPPORTED, escaped, to_markdown

LINES = 12
ACTIONS = 6  # of the lines, kept for what is to be done, which often stands at the end


def summary_of(document: Document, *, url: str, gaps: Sequence[str]) -> str:
    parts = [f"**[{escaped(document.title)}]({url})**"]
    if document.subtitle:
        parts[0] += f"\n{escaped(document.subtitle)}"
    short = shortened(document)
    said = to_markdown(short)
    parts.append(said.replace("## ", "### ") if said else "Nothing was found to write about.")
    doubtful = unsupported(document)
    if doubtful:
        verb = "statement has" if doubtful == 1 else "statements have"
        parts.append(f"{doubtful} {verb} {UNSUPPORTED} and {'is' if doubtful == 1 else 'are'} marked.")
    parts += [f"*{escaped(gap)}*" for gap in gaps]
    left = _lines(document) - _lines(short)
    more = f" ({left} more line{'s' if left > 1 else ''})" if left else ""
    parts.append(f"[Open {escaped(document.title)}]({url}){more}")
    return "\n\n".join(parts)


def shortened(document: Document) -> Document:
    """The first lines of it, and the first of what is to be done. Gaps are told apart from it."""
    acting = [section for section in document.sections if _acts(section)]
    kept = min(ACTIONS, sum(len(section.blocks) for section in acting))
    left = {True: kept, False: LINES - kept}
    sections = []
    for section in document.sections:
        blocks = [block for block in section.blocks if block.kind != "note"][: left[_acts(section)]]
        left[_acts(section)] -= len(blocks)
        if blocks:
            sections.append(replace(section, blocks=tuple(blocks)))
    return replace(document, sections=tuple(sections))


def _acts(section: Section) -> bool:
    return any(block.kind == "action" for block in section.blocks)


def _lines(document: Document) -> int:
    return sum(1 for _ in document.statements())

"""What is said of a published document: its beginning, with sources as links, what is in doubt, and what is missing."""

from collections.abc import Sequence

from sales_app.documents import Document
from sales_app.documents.writing import UNSUPPORTED, escaped, to_markdown

LINES = 12


def summary_of(document: Document, *, url: str, gaps: Sequence[str]) -> str:
    parts = [f"**[{escaped(document.title)}]({url})**"]
    if document.subtitle:
        parts[0] += f"\n{escaped(document.subtitle)}"
    said = to_markdown(document, lines=LINES)
    parts.append(said.replace("## ", "### ") if said else "Nothing was found to write about.")
    total = sum(len(section.blocks) for section in document.sections)
    doubtful = sum(block.flag == "unsupported" for _, _, block in document.statements())
    if doubtful:
        verb = "statement has" if doubtful == 1 else "statements have"
        parts.append(f"{doubtful} {verb} {UNSUPPORTED} and {'is' if doubtful == 1 else 'are'} marked.")
    parts += [f"*{escaped(gap)}*" for gap in gaps]
    more = f" ({total - LINES} more lines)" if total > LINES else ""
    parts.append(f"[Open {escaped(document.title)}]({url}){more}")
    return "\n\n".join(parts)

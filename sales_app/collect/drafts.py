"""Replies that a skill's document proposes, as values. The mailbox makes private drafts of them when the document is published."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sales_app.documents.document import Document
from sales_app.facts import Fact

KIND = "reply_draft"
# Where only the person knows what to say. A draft that still holds it is not sent.
BLANK = "[Your answer]"


@dataclass(frozen=True, kw_only=True)
class Draft:
    """``in_reply_to`` is the message ID of the mail that it answers, or empty; ``key`` is unique in its document."""

    to: str
    subject: str
    body: str
    in_reply_to: str = ""
    key: str = ""


def drafts_for(document: Document) -> list[Draft]:
    """Those in ``data["drafts"]``, and those of the ``reply_draft`` facts that it cites, each mail answered once.

    Where the document quotes a reply (a block of the kind ``quote`` that cites the fact alone and that no checker has flagged),
    its words are the draft's text; otherwise the fact's own words are.
    """
    found: dict[str, Draft] = {}
    for value in [*document.data.get("drafts", ()), *_proposed(document)]:
        draft = _draft(value)
        if draft is not None:
            found.setdefault(draft.in_reply_to or draft.key, draft)
    return list(found.values())


def _draft(value: Any) -> Draft | None:
    """None where what stands there makes no mail."""
    if not isinstance(value, dict):
        return None
    words = {
        name: str(value.get(name) or "").strip() for name in ("to", "subject", "body", "in_reply_to", "key")
    }
    if "@" not in words["to"] or not words["subject"] or not words["body"]:
        return None
    words["key"] = words["key"] or words["in_reply_to"] or words["to"]
    return Draft(**words)


def _proposed(document: Document) -> Iterator[dict[str, Any]]:
    cited = {cite for _, _, block in document.statements() for cite in block.cites}
    for fact in document.facts:
        if fact.kind == KIND and fact.id in cited and "draft" in fact.values:
            value = dict(fact.values["draft"])
            written = _written(document, fact)
            yield (
                {**value, "body": f"{value['greeting']}\n\n{written}\n\n{value['closing']}"}
                if written
                else value
            )


def _written(document: Document, fact: Fact) -> str:
    quoted = [
        block.text.strip()
        for section in document.sections
        for block in section.blocks
        if block.kind == "quote" and block.cites == (fact.id,) and not block.flag
    ]
    return "\n\n".join(text for text in quoted if text)

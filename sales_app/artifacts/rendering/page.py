"""The page that every kind of document can be read on."""

from html import escape

from sales_app.claims.words import plain
from sales_app.documents import Block, Document, Section


def render(document: Document) -> str:
    """HTML in which everything from facts is text."""
    body = "".join(_section(section) for section in document.sections)
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
        f"<title>{escape(document.title)}</title></head><body><h1>{escape(document.title)}</h1>"
        f"<p>{escape(document.subtitle)}</p>{body}</body></html>"
    )


def _section(section: Section) -> str:
    return f"<h2>{escape(section.title)}</h2>" + "".join(_block(block) for block in section.blocks)


def _block(block: Block) -> str:
    text = " | ".join(block.cells) if block.kind == "row" else block.text
    return f"<p>{escape(plain(text))}</p>"

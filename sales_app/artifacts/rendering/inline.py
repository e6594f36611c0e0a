"""Inline Markdown of a statement as HTML. Everything is text but emphasis, code and links; a link leads to a page here or http(s)."""

import re
from collections.abc import Sequence
from html import escape

from markdown_it import MarkdownIt
from markdown_it.token import Token

SAFE = re.compile(r"(?:/(?![/\\])|https?://(?!\Z))[^\s\\\x00-\x1f\x7f]*\Z")

_markdown = MarkdownIt("zero", {"html": False}).enable(["emphasis", "link", "backticks", "escape"])


def safe_href(address: str) -> str:
    """The address, or "" when a page of ours must not lead there."""
    return address if SAFE.match(address) else ""


def inline(text: str, *, own_links: bool = True) -> str:
    """``own_links``: whether links to our own pages stay links; outsiders cannot follow them."""
    tokens = _markdown.parseInline(" ".join(text.split()))
    return _render(tokens[0].children or [], own_links)


def plain(text: str) -> str:
    """The words alone, for titles and attributes, escaped."""
    tokens = _markdown.parseInline(" ".join(text.split()))
    return escape("".join(token.content for token in tokens[0].children or []))


def _render(tokens: Sequence[Token], own_links: bool) -> str:
    written: list[str] = []
    open_links: list[bool] = []
    for token in tokens:
        if token.type == "link_open":
            href = safe_href(str(token.attrGet("href") or ""))
            kept = bool(href) and (own_links or not href.startswith("/"))
            open_links.append(kept)
            if kept:
                written.append(anchor(href))
        elif token.type == "link_close":
            if open_links.pop():
                written.append("</a>")
        elif token.type in TAGS:
            written.append(TAGS[token.type])
        elif token.type == "code_inline":
            written.append(f"<code>{escape(token.content)}</code>")
        else:
            written.append(escape(token.content))
    return "".join(written)


def anchor(href: str) -> str:
    """The opening tag. ``href`` is safe already."""
    away = "" if href.startswith("#") else ' target="_blank" rel="noopener noreferrer"'
    return f'<a href="{escape(href)}"{away}>'


TAGS = {"strong_open": "<strong>", "strong_close": "</strong>", "em_open": "<em>", "em_close": "</em>"}


def runs(text: str, *, own_links: bool = True) -> list[dict[str, str | bool]]:
    """The same as pieces of text with their marks, for what is not HTML: ``{"t", "b", "i", "m", "href"}``."""
    tokens = _markdown.parseInline(" ".join(text.split()))
    found: list[dict[str, str | bool]] = []
    bold = italic = 0
    hrefs: list[str] = []
    for token in tokens[0].children or []:
        bold += token.nesting * (token.tag == "strong")
        italic += token.nesting * (token.tag == "em")
        if token.type == "link_open":
            href = safe_href(str(token.attrGet("href") or ""))
            hrefs.append(href if own_links or not href.startswith("/") else "")
        elif token.type == "link_close":
            hrefs.pop()
        elif token.content:
            mono = token.type == "code_inline"
            href = hrefs[-1] if hrefs else ""
            found.append({"t": token.content, "b": bold > 0, "i": italic > 0, "m": mono, "href": href})
    return found

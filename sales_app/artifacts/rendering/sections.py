"""Sections and their statements."""

import re
from collections.abc import Sequence
from html import escape
from itertools import groupby

from sales_app.artifacts.brand.voice import BANNED, is_said, words_behind
from sales_app.artifacts.rendering.inline import anchor, inline, safe_href
from sales_app.artifacts.rendering.page import Rendering
from sales_app.documents import Block, Section
from sales_app.facts import Fact

NUMBER = re.compile(r"^[\s+(−-]*(?:[A-Z]{3} |[€$£])?\d[\d.,\u00a0 ]*\s?(?:%|[A-Z]{3}|[kKmM€]|bn)?\)?$")


def section(rendering: Rendering, each: Section, *, level: int = 2) -> str:
    title = f"<h{level}>{escape(each.title)}</h{level}>" if each.title else ""
    return f"<section>{title}{blocks(rendering, each.blocks, each.header)}</section>"


def blocks(rendering: Rendering, every: Sequence[Block], header: Sequence[str] = ()) -> str:
    """Neighbours of a kind stand together: entries in one list, rows in one table."""
    written: list[str] = []
    for kind, group in groupby(every, key=lambda block: LISTS.get(block.kind, block.kind)):
        some = list(group)
        if kind == "list":
            written.append(_list(rendering, some))
        elif kind == "row":
            written.append(_table(rendering, some, header))
        elif kind == "quote":
            written += [
                f"<blockquote data-said><p>{statement(rendering, block)}</p></blockquote>" for block in some
            ]
        elif kind == "note":
            written += [
                f'<p class="note">{inline(block.text, own_links=rendering.inside)}</p>' for block in some
            ]
        else:
            written += [f"<p>{statement(rendering, block)}</p>" for block in some]
    return "".join(written)


LISTS = {"item": "list", "action": "list"}


def statement(rendering: Rendering, block: Block, text: str | None = None) -> str:
    """With its footnotes, and visibly marked when no source supports it."""
    said = block.text if text is None else text
    words = inline(said, own_links=rendering.inside)
    if BANNED.search(said) and is_said(said, words_behind(block, rendering.document)):
        words = f"<span data-said>{words}</span>"
    if block.flag == "unsupported":
        words = f'<span class="doubt">{words}</span>'
    return words + marks_of(rendering, block)


def marks_of(rendering: Rendering, block: Block) -> str:
    cites = rendering.sources.cites(rendering.document, block.cites) if rendering.inside else ""
    if block.flag != "unsupported":
        return cites
    why = f"<span>: {escape(block.why)}</span>" if rendering.inside and block.why else ""
    label = "no source found" if rendering.inside else "not confirmed"
    return f'{cites} <span class="flag" data-said>{label}{why}</span>'


def _list(rendering: Rendering, some: Sequence[Block]) -> str:
    """One list; what is indented stands in a list inside its entry."""
    tag = "ol" if some[0].kind == "action" else "ul"
    written: list[str] = []
    at = 0
    while at < len(some):
        block = some[at]
        inner = at + 1
        while inner < len(some) and some[inner].indent > block.indent:
            inner += 1
        if block.kind != some[0].kind and block.indent == some[0].indent:
            break
        below = _list(rendering, some[at + 1 : inner]) if inner > at + 1 else ""
        written.append(f"<li>{statement(rendering, block)}{_doing(rendering, block)}{below}</li>")
        at = inner
    rest = _list(rendering, some[at:]) if at < len(some) else ""
    return f"<{tag}>{''.join(written)}</{tag}>{rest}"


def _doing(rendering: Rendering, block: Block) -> str:
    """What can be done about it: a link, or a text that the reader may send to the copilot."""
    if block.kind != "action" or not rendering.inside:
        return ""
    facts = [fact for name in block.cites if (fact := rendering.document.fact(name))]
    return "".join(_do(fact) for fact in facts[:2] if fact.action)


def _do(fact: Fact) -> str:
    action = fact.action
    assert action is not None
    href = safe_href(action.url)
    if href:
        return f' <span class="do" data-said>{anchor(href)}{escape(action.label)}</a></span>'
    if action.prompt:
        button = f'<button type="button" data-ask="{escape(action.prompt)}">{escape(action.label)}</button>'
        return f' <span class="do" data-said>{button}</span>'
    return ""


def _table(rendering: Rendering, rows: Sequence[Block], header: Sequence[str]) -> str:
    head = "".join(
        f'<th scope="col"{_aligned(rows, place)}>{inline(title)}</th>' for place, title in enumerate(header)
    )
    body = "".join(_row(rendering, row, rows) for row in rows)
    head = f"<thead><tr>{head}</tr></thead>" if head else ""
    return f'<div class="table" tabindex="0"><table>{head}<tbody>{body}</tbody></table></div>'


def _row(rendering: Rendering, row: Block, rows: Sequence[Block]) -> str:
    last = len(row.cells) - 1
    cells = "".join(
        f"<td{_aligned(rows, place)}>{_cell(rendering, row, text, place == last)}</td>"
        for place, text in enumerate(row.cells)
    )
    doubt = ' class="doubt"' if row.flag else ""
    return f"<tr{doubt}>{cells}</tr>"


def _cell(rendering: Rendering, row: Block, text: str, is_last: bool) -> str:
    words = inline(text, own_links=rendering.inside)
    if BANNED.search(text) and is_said(text, words_behind(row, rendering.document)):
        words = f"<span data-said>{words}</span>"
    return words + (marks_of(rendering, row) if is_last else "")


def _aligned(rows: Sequence[Block], place: int) -> str:
    cells = [row.cells[place] for row in rows if place < len(row.cells) and row.cells[place].strip()]
    return ' class="number"' if cells and all(NUMBER.match(cell.strip()) for cell in cells) else ""

"""A document as what the typesetter's template reads: plain JSON of titles, runs of text and tables.

Nothing of it is markup: the template takes text as text, so there is nothing to escape.

    run   = {"t": text, "b": bold, "i": italic, "m": monospaced, "href": "" or an http(s) address}
    block = {"kind": "text" | "item" | "action" | "quote" | "note", "runs": [run], "indent": 0, "number": 1, "cites": [1], "flag": "", "why": ""}
          | {"kind": "table", "header": [[run]], "rows": [{"cells": [[run]], "cites": [], "flag": "", "why": ""}], "right": [bool], "total": bool}
    part  = {"title": "", "blocks": [block]}
"""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from sales_app.artifacts.rendering import battle_card, calculator, data, proposal
from sales_app.artifacts.rendering.inline import runs
from sales_app.artifacts.rendering.outside import for_outside
from sales_app.artifacts.rendering.page import KINDS, Audience, Rendering
from sales_app.artifacts.rendering.sections import NUMBER
from sales_app.artifacts.rendering.sources import day_of, is_stale, name_of
from sales_app.documents import Block, Document, Section

Json = dict[str, Any]


def parts_of(document: Document, *, audience: Audience, day: date) -> Json:
    document = for_outside(document) if audience == "outside" else document
    rendering = Rendering(document=document, audience=audience, today=day)
    parts = [*_data(rendering), *(_section(rendering, each) for each in document.sections)]
    return {
        "kind": document.kind,
        "kind_name": KINDS.get(document.kind, ""),
        "title": document.title,
        "subtitle": document.subtitle,
        "day": proposal.long_day(day),
        "parts": [part for part in parts if part["blocks"]],
        "sources": _sources(rendering) if rendering.inside else [],
    }


def _section(rendering: Rendering, section: Section) -> Json:
    blocks: list[Json] = []
    number = 0
    for block in section.blocks:
        if block.kind == "row":
            if not blocks or blocks[-1]["kind"] != "table":
                blocks.append(_table(section.header, []))
            blocks[-1]["rows"].append(_row(rendering, block))
            continue
        number = number + 1 if block.kind == "action" and not block.indent else number
        blocks.append(
            {
                "kind": block.kind,
                "runs": _runs(rendering, block.text),
                "indent": block.indent,
                "number": number,
            }
            | _marks(rendering, block)
        )
    for block_ in blocks:
        if block_["kind"] == "table":
            _align(block_)
    return {"title": section.title, "blocks": blocks}


def _marks(rendering: Rendering, block: Block) -> Json:
    facts = [fact for name in block.cites if (fact := rendering.document.fact(name))]
    numbers = (
        [rendering.sources.number(source) for fact in facts for source in fact.sources]
        if rendering.inside
        else []
    )
    doubt = block.flag == "unsupported"
    flag = ("no source found" if rendering.inside else "not confirmed") if doubt else ""
    return {
        "cites": list(dict.fromkeys(numbers)),
        "flag": flag,
        "why": block.why if doubt and rendering.inside else "",
    }


def _row(rendering: Rendering, block: Block) -> Json:
    return {"cells": [_runs(rendering, cell) for cell in block.cells]} | _marks(rendering, block)


def _runs(rendering: Rendering, text: str) -> list[Json]:
    return runs(text, own_links=False)


def _words(text: str, *, bold: bool = False) -> list[Json]:
    return [{"t": text, "b": bold, "i": False, "m": False, "href": ""}]


def _table(header: Iterable[str], rows: list[Json], *, total: bool = False) -> Json:
    return {
        "kind": "table",
        "header": [_words(title) for title in header],
        "rows": rows,
        "right": [],
        "total": total,
    }


def _align(table: Json) -> Json:
    width = max([len(table["header"]), *(len(row["cells"]) for row in table["rows"])])
    for row in table["rows"]:
        row["cells"] += [[]] * (width - len(row["cells"]))
    table["header"] += [[]] * (width - len(table["header"])) if table["header"] else []
    texts = [
        ["".join(run["t"] for run in row["cells"][place]) for row in table["rows"]] for place in range(width)
    ]
    table["right"] = [
        any(text.strip() for text in column)
        and all(NUMBER.match(text.strip()) for text in column if text.strip())
        for column in texts
    ]
    return table


def _plain(*cells: str, bold: bool = False, cites: Sequence[int] = ()) -> Json:
    return {"cells": [_words(cell, bold=bold) for cell in cells], "cites": list(cites), "flag": "", "why": ""}


# What interactive kinds compute with, as it stands at the beginning.


def _data(rendering: Rendering) -> Iterable[Json]:
    document = rendering.document
    if document.kind == "battle-card":
        yield from _battle(rendering)
    if document.kind == "proposal" and (
        quote := proposal.quote_of(document.data.get("quote") or document.data.get("proposal"))
    ):
        yield _quote(quote)
    if document.kind == "roi-calculator" and (
        found := calculator.calculator_of(document.data.get("calculator"))
    ):
        inputs = [
            _plain(
                each.label, calculator.shown(each.value, each.unit, 0 if each.value == int(each.value) else 2)
            )
            for each in found.inputs
        ]
        results = found.results()
        outputs = [
            _plain(each.label, calculator.shown(results[each.id], each.unit, each.digits))
            for each in found.outputs
        ]
        yield {"title": "The numbers", "blocks": [_align(_table(("What goes in", ""), inputs))]}
        yield {"title": "Result", "blocks": [_align(_table(("What comes out", ""), outputs))]}
    if document.kind == "workflow-demo":
        given = document.data.get("workflow")
        steps = data.objects(given.get("steps") if isinstance(given, dict) else None)
        for number, step in enumerate(steps, 1):
            who = data.text(step.get("who"))
            title = f"{number}. {data.text(step.get('title'))}{f' ({who})' if who else ''}"
            yield {"title": title, "blocks": [_text(_runs(rendering, data.text(step.get("text"))))]}


def _text(some: list[Json]) -> Json:
    return {"kind": "text", "runs": some, "indent": 0, "number": 0, "cites": [], "flag": "", "why": ""}


def _battle(rendering: Rendering) -> Iterable[Json]:
    matrix = rendering.document.data.get("matrix")
    if isinstance(matrix, dict) and (columns := battle_card.columns_of(matrix)):
        rows = [
            _matrix_row(rendering, row, len(columns))
            for row in data.objects(matrix.get("rows"))
            if data.text(row.get("criterion"))
        ]
        if rows:
            table = _align(_table(("Criterion", *columns), rows))
            table["right"] = [False] * len(table["right"])
            yield {"title": "Matrix", "blocks": [table]}
    answers: list[Json] = []
    for each in data.objects(rendering.document.data.get("objections")):
        said = data.text(each.get("objection"))
        if said:
            cites = _cited(rendering, each)
            answers += [
                _text(_words(said, bold=True)),
                _text(_runs(rendering, data.text(each.get("answer")))) | {"cites": cites},
            ]
    if answers:
        yield {"title": "Objections", "blocks": answers}


def _matrix_row(rendering: Rendering, row: Json, width: int) -> Json:
    cells = (battle_card.cells_of(row) + [{}] * width)[:width]
    cites = [number for cell in cells for number in _cited(rendering, cell)]
    texts = [_runs(rendering, data.text(cell.get("text")) or "not known") for cell in cells]
    return {
        "cells": [_words(data.text(row["criterion"]), bold=True), *texts],
        "cites": list(dict.fromkeys(cites)),
        "flag": "",
        "why": "",
    }


def _cited(rendering: Rendering, value: Json) -> list[int]:
    return [rendering.sources.number(each) for each in data.sources(value)] if rendering.inside else []


def _quote(quote: proposal.Quote) -> Json:
    rows = [
        _plain(
            f"{line.label}, {line.detail}" if line.detail else line.label,
            line.quantity,
            proposal.money(line.unit_price) if line.unit_price is not None else "",
            proposal.money(line.amount),
        )
        for line in quote.lines
    ]
    rows.append(_plain("Total", "", "", f"{quote.currency} {proposal.money(quote.total)}", bold=True))
    table = _align(_table(("What", "Quantity", "Price", f"Amount, {quote.currency}"), rows, total=True))
    table["right"] = [False, True, True, True]
    about = [("For", quote.customer), ("Number", quote.number)]
    about += [("Valid until", proposal.long_day(quote.valid_until))] if quote.valid_until else []
    blocks = [_text([*_words(f"{name}: "), *_words(value, bold=True)]) for name, value in about if value]
    if not quote.adds_up:
        blocks.append(_text([]) | {"flag": "the lines do not add up to the total"})
    terms = [{**_text(_words(each)), "kind": "item"} for each in quote.terms]
    return {"title": "What it costs", "blocks": [*blocks, table, *terms]}


def _sources(rendering: Rendering) -> list[Json]:
    found: list[Json] = []
    for source in rendering.sources.every():
        day = day_of(source.as_of)
        found.append(
            {
                "label": name_of(source),
                "day": f"{day.day} {day:%b %Y}" if day else "",
                "stale": day is not None and is_stale(day, rendering.today),
                "quote": source.quote,
            }
        )
    return found

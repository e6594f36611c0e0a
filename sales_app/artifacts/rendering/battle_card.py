"""The battle card: a matrix to be narrowed, objections that open, and how old each source is.

    data["matrix"] = {
        "columns": ["Clewline", "Rival", …],            us first
        "rows": [{"criterion": "…", "cells": [{"text": "…", "verdict": "ahead"|"even"|"behind"|"", "source": SOURCE}, …]}, …]}
    data["objections"] = [{"objection": "…", "answer": "…", "source": SOURCE}, …]
    SOURCE = {"label": "…", "url": "/sources/…", "as_of": "2026-05-01…", "quote": "…"}, or "sources": [SOURCE, …]

``us`` and ``rivals`` may stand instead of ``columns``.
"""

from html import escape

from sales_app.artifacts.rendering import data
from sales_app.artifacts.rendering.data import Json
from sales_app.artifacts.rendering.inline import inline
from sales_app.artifacts.rendering.page import Rendering, footer, heading, shell
from sales_app.artifacts.rendering.sections import section
from sales_app.artifacts.rendering.sources import dated, marks

VERDICTS = {"ahead": "ahead", "even": "even", "behind": "behind"}


def render(rendering: Rendering) -> str:
    document = rendering.document
    panels: list[tuple[str, str]] = []
    matrix = document.data.get("matrix")
    if isinstance(matrix, dict) and (written := _matrix(rendering, matrix)):
        panels.append(("Matrix", written))
    objections = "".join(
        _objection(rendering, each) for each in data.objects(document.data.get("objections"))
    )
    if objections:
        panels.append(
            ("Objections", f'<section class="objections"><h2>Objections</h2>{objections}</section>')
        )
    for each in document.sections:
        if each.blocks:
            panels.append((each.title or "In short", section(rendering, each)))
    tabs = "".join(
        f'<button type="button" role="tab" id="tab-{place}" aria-controls="panel-{place}" aria-selected="false">{escape(name)}</button>'
        for place, (name, _) in enumerate(panels)
    )
    shown = "".join(
        f'<div class="panel" role="tabpanel" id="panel-{place}" aria-labelledby="tab-{place}">{written}</div>'
        for place, (_, written) in enumerate(panels)
    )
    # Without the script everything stands below one another, as it does on paper.
    bar = f'<div class="tabs" role="tablist" aria-label="Parts" hidden>{tabs}</div>'
    body = f"{heading(rendering)}<main>{bar}{shown}</main>{footer(rendering)}"
    return shell(rendering, body, assets=("battle_card",))


def _matrix(rendering: Rendering, matrix: Json) -> str:
    columns = columns_of(matrix)
    rows = [row for row in data.objects(matrix.get("rows")) if data.text(row.get("criterion"))]
    if not columns or not rows:
        return ""
    head = "".join(f'<th scope="col" data-said>{escape(name)}</th>' for name in columns)
    body = "".join(_row(rendering, row, columns) for row in rows)
    options = "".join(
        f'<option value="{place}">{escape(name)}</option>' for place, name in enumerate(columns[1:], 1)
    )
    rivals = (
        f'<label>Against <select data-rival><option value="">all</option>{options}</select></label>'
        if len(columns) > 2
        else ""
    )
    return (
        '<section class="matrix"><h2>Matrix</h2><p class="narrow" hidden>'
        f'<label>Find <input type="search" data-filter placeholder="a criterion or a word"></label>{rivals}'
        '<label>Show <select data-verdict><option value="">everything</option><option value="ahead">where we are ahead</option>'
        '<option value="behind">where we are behind</option><option value="stale">what is stale</option></select></label>'
        '<span data-count role="status"></span></p>'
        f'<div class="table" tabindex="0"><table><thead><tr><th scope="col">Criterion</th>{head}</tr></thead>'
        f"<tbody>{body}</tbody></table></div></section>"
    )


def columns_of(matrix: Json) -> list[str]:
    given = matrix.get("columns")
    if not isinstance(given, list):
        rivals = matrix.get("rivals")
        given = [
            matrix.get("us"),
            *(rivals if isinstance(rivals, list) else [matrix.get("them") or matrix.get("rival")]),
        ]
    return [name for each in given if (name := data.text(each))]


def cells_of(row: Json) -> list[Json]:
    """Ours first."""
    return list(data.objects(row.get("cells"))) or [
        each if isinstance(each, dict) else {"text": each}
        for each in (row.get("us"), row.get("them") or row.get("rival"))
    ]


def _row(rendering: Rendering, row: Json, columns: list[str]) -> str:
    given = cells_of(row)
    cells = "".join(_cell(rendering, each) for each in (given + [{}] * len(columns))[: len(columns)])
    verdict = VERDICTS.get(data.text(row.get("verdict")) or data.text((given or [{}])[0].get("verdict")), "")
    return f'<tr data-verdict="{verdict}"><th scope="row" data-said>{escape(data.text(row["criterion"]))}</th>{cells}</tr>'


def _cell(rendering: Rendering, cell: Json) -> str:
    words = data.text(cell.get("text"))
    if not words:
        return '<td class="unknown">not known</td>'
    verdict = VERDICTS.get(data.text(cell.get("verdict")), "")
    mark = f' <span class="verdict {verdict}">{verdict}</span>' if verdict else ""
    return f"<td data-said>{inline(words, own_links=rendering.inside)}{_sources(rendering, cell)}{mark}</td>"


def _objection(rendering: Rendering, each: Json) -> str:
    said, answer = data.text(each.get("objection")), data.text(each.get("answer"))
    if not said:
        return ""
    return (
        f"<details data-said><summary>{escape(said)}</summary>"
        f"<p>{inline(answer, own_links=rendering.inside)}{_sources(rendering, each)}</p></details>"
    )


def _sources(rendering: Rendering, value: Json) -> str:
    found = data.sources(value)
    if not rendering.inside or not found:
        return ""
    oldest = min(found, key=lambda each: each.as_of or "9")
    day = dated(oldest.as_of, rendering.today)
    return marks([rendering.sources.number(each) for each in found]) + (
        f' <span class="day">{day}</span>' if day else ""
    )

"""The workflow demo: what would happen, step by step.

    data["workflow"] = {"steps": [{"title": "…", "who": "…", "text": "…"}, …]}

Without it each section is a step.
"""

from html import escape

from sales_app.artifacts.rendering import data
from sales_app.artifacts.rendering.inline import inline
from sales_app.artifacts.rendering.page import Rendering, footer, heading, shell
from sales_app.artifacts.rendering.sections import blocks, section


def render(rendering: Rendering) -> str:
    document = rendering.document
    given = document.data.get("workflow")
    steps = [
        _step(rendering, each)
        for each in data.objects(given.get("steps") if isinstance(given, dict) else None)
    ]
    after = ""
    if steps:
        after = "".join(section(rendering, each) for each in document.sections)
    else:
        steps = [(each.title, "", blocks(rendering, each.blocks, each.header)) for each in document.sections]
    total = len(steps)
    shown = "".join(
        f'<li class="step" data-step><p class="count">Step {place} of {total}{f" · {who}" if who else ""}</p>'
        f"<h2>{escape(title)}</h2>{body}</li>"
        for place, (title, who, body) in enumerate(steps, 1)
    )
    dots = "".join(
        f'<li><button type="button" data-go="{place}"><span>{place + 1}</span> {escape(title)}</button></li>'
        for place, (title, _, _) in enumerate(steps)
    )
    bar = (
        '<p class="bar" hidden><button type="button" data-turn="-1">Back</button>'
        '<button type="button" data-turn="1" class="primary">Next</button></p>'
    )
    body = (
        f'{heading(rendering)}<main><div class="walk"><ol class="dots" hidden>{dots}</ol>'
        f'<div><ol class="steps" aria-live="polite">{shown}</ol>{bar}</div></div>{after}</main>{footer(rendering)}'
    )
    return shell(rendering, body, assets=("workflow",))


def _step(rendering: Rendering, each: data.Json) -> tuple[str, str, str]:
    words = inline(data.text(each.get("text")), own_links=rendering.inside)
    return data.text(each.get("title")), escape(data.text(each.get("who"))), f"<p data-said>{words}</p>"

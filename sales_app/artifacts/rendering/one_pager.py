"""One page for somebody with a minute: what matters most across the whole width, the rest in two columns."""

from sales_app.artifacts.rendering.page import Rendering, footer, heading, shell
from sales_app.artifacts.rendering.sections import section


def render(rendering: Rendering) -> str:
    first, rest = rendering.document.sections[:1], rendering.document.sections[1:]
    lead = "".join(f'<div class="lead">{section(rendering, each)}</div>' for each in first)
    body = "".join(section(rendering, each) for each in rest)
    return shell(
        rendering,
        f'{heading(rendering)}<main>{lead}<div class="columns">{body}</div></main>{footer(rendering)}',
        assets=("one_pager",),
    )

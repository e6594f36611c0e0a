"""A landing page: one promise at the top, then bands, each with one thought."""

from html import escape

from sales_app.artifacts.brand.kit import KIT
from sales_app.artifacts.rendering.page import Rendering, footer, shell
from sales_app.artifacts.rendering.sections import blocks, section


def render(rendering: Rendering) -> str:
    document = rendering.document
    first, rest = document.sections[:1], document.sections[1:]
    subtitle = f'<p class="subtitle" data-said>{escape(document.subtitle)}</p>' if document.subtitle else ""
    lead = "".join(blocks(rendering, each.blocks, each.header) for each in first)
    hero = (
        f'<header class="hero"><p class="brand">{KIT.logo}<span>{escape(KIT.name)}</span></p>'
        f"<h1 data-said>{escape(document.title)}</h1>{subtitle}{lead}</header>"
    )
    bands = "".join(f'<div class="band">{section(rendering, each)}</div>' for each in rest)
    return shell(rendering, f"{hero}<main>{bands}</main>{footer(rendering)}", assets=("landing",))

"""A landing page: one promise at the top, then bands, each with one thought."""

from sales_app.artifacts.rendering.page import Rendering, footer, shell, titles
from sales_app.artifacts.rendering.sections import blocks, section


def render(rendering: Rendering) -> str:
    document = rendering.document
    first, rest = document.sections[:1], document.sections[1:]
    lead = "".join(blocks(rendering, each.blocks, each.header) for each in first)
    hero = f'<header class="hero">{titles(document)}{lead}</header>'
    bands = "".join(f'<div class="band">{section(rendering, each)}</div>' for each in rest)
    return shell(rendering, f"{hero}<main>{bands}</main>{footer(rendering)}", assets=("landing",))

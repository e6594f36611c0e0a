"""Briefs and reports: one column to be read from top to bottom."""

from sales_app.artifacts.rendering.page import Rendering, footer, heading, shell
from sales_app.artifacts.rendering.sections import section


def render(rendering: Rendering) -> str:
    body = "".join(section(rendering, each) for each in rendering.document.sections)
    return shell(rendering, f"{heading(rendering)}<main>{body}</main>{footer(rendering)}", layout="prose")

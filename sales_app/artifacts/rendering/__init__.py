"""From a document to one self-contained page. Each kind has a module here, and its style and script in ``assets``.

What ``document.data`` may hold for the interactive kinds is told in the module that reads it: ``battle_card``,
``calculator``, ``proposal``, ``workflow``. Without it, or with something else in it, the sections are shown as they are.
"""

from collections.abc import Callable
from datetime import date

from sales_app.artifacts.rendering import (
    battle_card,
    calculator,
    deck,
    landing,
    one_pager,
    proposal,
    prose,
    workflow,
)
from sales_app.artifacts.rendering.outside import for_outside
from sales_app.artifacts.rendering.page import KINDS, Audience, Rendering
from sales_app.documents import Document

RENDERERS: dict[str, Callable[[Rendering], str]] = {
    "brief": prose.render,
    "report": prose.render,
    "one-pager": one_pager.render,
    "landing-page": landing.render,
    "deck": deck.render,
    "battle-card": battle_card.render,
    "roi-calculator": calculator.render,
    "proposal": proposal.render,
    "workflow-demo": workflow.render,
}


def render(document: Document, *, today: date, audience: Audience = "inside") -> str:
    """HTML in which everything from facts is text. A kind without a renderer is shown as a brief is."""
    if audience == "outside":
        document = for_outside(document)
    renderer = RENDERERS.get(document.kind, prose.render)
    return renderer(Rendering(document=document, audience=audience, today=today))


__all__ = ["KINDS", "Audience", "render"]

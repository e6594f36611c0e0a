"""The shell of every page: one HTML file that asks nobody for anything, in the colours and fonts of the brand kit."""

from dataclasses import dataclass, field
from datetime import date
from functools import cache
from html import escape
from pathlib import Path
from typing import Literal

from sales_app.artifacts.brand.kit import KIT
from sales_app.artifacts.rendering.sources import Sources
from sales_app.documents import Document

ASSETS = Path(__file__).parent / "assets"
# inside: for us, with sources and what can be done. outside: for customers; our records are neither named nor quoted.
Audience = Literal["inside", "outside"]

# What a page may do, wherever it is opened: the response's own header says this and more.
ALONE = (
    "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data:; font-src data:; "
    "form-action 'none'"
)
# Holds for a downloaded file as well.
POLICY = f"{ALONE}; base-uri 'none'"

KINDS = {
    "brief": "Brief",
    "report": "Report",
    "one-pager": "One-pager",
    "landing-page": "Landing page",
    "deck": "Deck",
    "battle-card": "Battle card",
    "roi-calculator": "ROI calculator",
    "proposal": "Proposal",
    "workflow-demo": "Workflow demo",
}


@dataclass(frozen=True, kw_only=True)
class Rendering:
    """One page being written. ``today`` decides what is stale."""

    document: Document
    audience: Audience
    today: date
    sources: Sources = field(default_factory=Sources)

    @property
    def inside(self) -> bool:
        return self.audience == "inside"


def shell(rendering: Rendering, body: str, *, assets: tuple[str, ...] = (), layout: str = "") -> str:
    """``assets`` are names of files in ``assets/``: styles and scripts that this kind needs besides those of all."""
    document = rendering.document
    style = "\n".join(
        [_tokens(), *(_asset(f"{name}.css") for name in ("page", *assets) if _has(f"{name}.css"))]
    )
    script = "\n".join(_script(name) for name in ("page", *assets) if _has(f"{name}.js"))
    kind = layout or document.kind
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">'
        '<meta name="viewport" content="width=device-width, initial-scale=1"><meta name="robots" content="noindex">'
        f"<title>{escape(document.title)}</title><style>{style}</style></head>"
        f'<body class="is-{escape(kind)}">{body}<script>{script}</script></body></html>'
    )


def heading(rendering: Rendering) -> str:
    kind = KINDS.get(rendering.document.kind, "")
    beside = f'<span class="kind">{escape(kind)}</span>'
    return f'<header class="top">{titles(rendering.document, beside)}</header>'


def titles(document: Document, beside: str = "") -> str:
    """The mark with ``beside`` (HTML) next to it, the title and its subtitle."""
    subtitle = f'<p class="subtitle" data-said>{escape(document.subtitle)}</p>' if document.subtitle else ""
    return (
        f'<p class="brand">{KIT.logo}<span>{escape(KIT.name)}</span>{beside}</p>'
        f"<h1 data-said>{escape(document.title)}</h1>{subtitle}"
    )


def footer(rendering: Rendering) -> str:
    return rendering.sources.html(rendering.today) if rendering.inside else ""


def _tokens() -> str:
    light = _properties(KIT.light)
    fonts = "".join(f"--{name}: {value};" for name, value in KIT.fonts.items())
    dark = _properties(KIT.dark)
    return (
        f":root {{ color-scheme: light; {light} {fonts} }}\n"
        f"@media (prefers-color-scheme: dark) {{ :root:not([data-theme=light]) {{ color-scheme: dark; {dark} }} }}\n"
        f":root[data-theme=dark] {{ color-scheme: dark; {dark} }}\n"
        # On paper always the light ones, whatever the screen was.
        f"@media print {{ :root:root:root:root {{ color-scheme: light; {light} }} }}"
    )


def _properties(values: dict[str, str]) -> str:
    return " ".join(f"--{name}: {value};" for name, value in values.items())


@cache
def _asset(name: str) -> str:
    return (ASSETS / name).read_text(encoding="utf-8").strip()


@cache
def _has(name: str) -> bool:
    return (ASSETS / name).is_file()


def _script(name: str) -> str:
    """Modules become parts of one script, each in a scope of its own but for what it exports."""
    text = _asset(f"{name}.js")
    return text.replace("export ", "") if "export " in text else f"(() => {{\n{text}\n}})();"

"""A deck: a slide for each section, long ones go on. Keys and buttons turn; printed, each slide is a page."""

from collections.abc import Iterator
from dataclasses import replace

from sales_app.artifacts.rendering.page import Rendering, footer, shell, titles
from sales_app.artifacts.rendering.sections import section
from sales_app.documents import Block, Section

# What fits a slide and can be read from the last row.
BLOCKS_MAX = 6
CHARACTERS_MAX = 700


def render(rendering: Rendering) -> str:
    document = rendering.document
    slides = [
        f'<div class="slide title">{titles(document)}</div>',
        *(f'<div class="slide">{section(rendering, each)}</div>' for each in _slides(document.sections)),
    ]
    sources = footer(rendering)
    if sources:
        slides.append(f'<div class="slide">{sources}</div>')
    bar = (
        '<nav class="bar" aria-label="Slides"><button type="button" data-step="-1">Back</button>'
        f'<span id="place" role="status">1 of {len(slides)}</span><button type="button" data-step="1">Next</button></nav>'
    )
    return shell(rendering, f'<main class="slides">{"".join(slides)}</main>{bar}', assets=("deck",))


def _slides(sections: tuple[Section, ...]) -> Iterator[Section]:
    for each in sections:
        part: list[Block] = []
        length = 0
        started = False
        for block in each.blocks:
            size = len(block.text) + sum(len(cell) for cell in block.cells)
            if part and (len(part) >= BLOCKS_MAX or length + size > CHARACTERS_MAX):
                yield replace(each, blocks=tuple(part), title=_continued(each.title, started))
                part, length, started = [], 0, True
            part.append(block)
            length += size
        if part:
            yield replace(each, blocks=tuple(part), title=_continued(each.title, started))


def _continued(title: str, started: bool) -> str:
    return f"{title} (continued)" if started else title

"""The shape of a document. Everything is JSON; facts stand in it whole, so it can be read when their sources have gone."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

from sales_app.facts import Fact, fact_from_json

Json = dict[str, Any]

# text: a paragraph · item: one entry of a list · action: one entry of a ranked list of things to do · quote: words of
# somebody · row: one row of a table, its cells in ``cells`` · note: a gap or a warning, stated by us, in need of no source.
BlockKind = Literal["text", "item", "action", "quote", "row", "note"]


@dataclass(frozen=True, kw_only=True)
class Block:
    """One statement or a few sentences that share citations.

    ``text`` is inline Markdown (bold, italics, links) without citations; ``cites`` are ids of facts. ``flag`` is ``unsupported``
    when the claim checker found no support, and ``why`` says what is wrong. ``indent`` is the depth in a list, from 0.
    """

    kind: BlockKind
    text: str = ""
    cites: tuple[str, ...] = ()
    cells: tuple[str, ...] = ()
    indent: int = 0
    flag: Literal["", "unsupported"] = ""
    why: str = ""


@dataclass(frozen=True, kw_only=True)
class Section:
    """``header`` are the column titles when the section is a table."""

    title: str
    blocks: tuple[Block, ...] = ()
    header: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Document:
    """``kind`` chooses the renderer (``brief``, ``one-pager``, ``battle-card``, ``roi-calculator`` …).

    ``data`` is what interactive kinds compute with, made by collectors, never by a model.
    """

    kind: str
    title: str
    subtitle: str = ""
    sections: tuple[Section, ...] = ()
    facts: tuple[Fact, ...] = ()
    data: Json = field(default_factory=dict)

    def fact(self, fact_id: str) -> Fact | None:
        return next((fact for fact in self.facts if fact.id == fact_id), None)

    def statements(self) -> Iterator[tuple[int, int, Block]]:
        """(section, place, block) of everything that a source is wanted for."""
        for number, section in enumerate(self.sections):
            for place, block in enumerate(section.blocks):
                if block.kind != "note":
                    yield number, place, block

    def as_json(self) -> Json:
        return asdict(self)


def document_from_json(value: Json) -> Document:
    sections = tuple(
        Section(
            title=section["title"],
            header=tuple(section["header"]),
            blocks=tuple(
                Block(**{**block, "cites": tuple(block["cites"]), "cells": tuple(block["cells"])})
                for block in section["blocks"]
            ),
        )
        for section in value["sections"]
    )
    facts = tuple(fact_from_json(fact) for fact in value["facts"])
    return Document(**{**value, "sections": sections, "facts": facts})

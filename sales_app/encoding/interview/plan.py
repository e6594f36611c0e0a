"""What is asked about a skill: a few questions that hold for any, and one for each section of its outline."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sales_app.documents.outline import Part
from sales_app.skills.text import SkillText

Json = dict[str, Any]

PARTS_MOST = 6


@dataclass(frozen=True, kw_only=True)
class Question:
    """``id`` is unique in a plan: lowercase letters, digits, hyphens."""

    id: str
    text: str

    def as_json(self) -> Json:
        return {"id": self.id, "text": self.text}


def plan_for(name: str, text: SkillText, outline: Sequence[Part]) -> list[Question]:
    title = name.replace("-", " ")
    asked = [
        Question(
            id="last-time",
            text=f"Think of the last {title} that went really well. What did you do, step by step?",
        ),
        Question(id="first", text=f"What do you always do first for a {title}, before anything else?"),
    ]
    asked += [
        Question(
            id=f"part-{number}",
            text=f"The skill has a section “{part.title}”. What has to stand there so that it helps you?",
        )
        for number, part in enumerate(outline[:PARTS_MOST], 1)
    ]
    return [
        *asked,
        Question(id="mistake", text="What do others do there that you never do?"),
        Question(id="good", text="How do you see that it was good, before the deal is decided?"),
        Question(id="exception", text="When do you leave all of this aside, and do something else?"),
    ]


def from_json(rows: Sequence[Json]) -> list[Question]:
    return [Question(id=row["id"], text=row["text"]) for row in rows]

"""The two tools by which a model uses skills. What they do is in ``running.py``: it takes steps, not one look-up."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sales_app.agent.skilled.definitions import Offered
from sales_app.agent.tools.registry import Tool, ToolClass
from sales_app.agent.tools.schemas import schema_of, text

USE, READ = "use_skill", "read_skill_file"
REQUEST_MAX = 4000


@dataclass(frozen=True, kw_only=True)
class SkillTool(Tool):
    """Collects, composes and publishes privately, or reads a skill's own text."""

    kind: ToolClass = "draft"
    untrusted: bool = False


def skill_tools(skills: Sequence[Offered]) -> list[Tool]:
    """Nothing where no skill is published. The list of skills stands in the description: names first, texts on demand."""
    if not skills:
        return []
    listed = "\n".join(f"- {skill.usage}: {' '.join(skill.description.split())}" for skill in skills)
    names = [skill.name for skill in skills]
    return [
        SkillTool(
            name=USE,
            description=(
                "Use one of the company's skills when the request fits its description. A skill collects the facts itself and "
                "publishes a finished page, whose summary is shown to the user: do not look up before what it collects, and do not "
                f"repeat it afterwards. Some skills return instructions instead: follow them with the other tools.\n{listed}"
            ),
            schema=schema_of(
                ["skill"],
                skill=text("Its name.", enum=names),
                arguments={
                    "type": "object",
                    "properties": {
                        "about": text(
                            "The account, deal or meeting as the user named it, or a reference such as account:12. Leave it out "
                            "when nothing was named."
                        ),
                        "request": text(
                            "What the user wants in their own words, with every wish about content and length."
                        ),
                    },
                    "additionalProperties": False,
                },
            ),
        ),
        SkillTool(
            name=READ,
            description="Read a reference file of a skill that you were given the instructions of.",
            schema=schema_of(
                ["skill", "path"],
                skill=text("Its name.", enum=names),
                path=text("The file's path in the skill's folder."),
            ),
        ),
    ]


@dataclass(frozen=True, kw_only=True)
class Use:
    skill: str
    about: str
    request: str


def read_use(arguments: Any) -> Use | str:
    """The arguments of a call, or what is wrong with them. ``about`` and ``request`` are also taken beside ``skill``."""
    if not isinstance(arguments, dict):
        return "Arguments must be an object."
    inner = arguments.get("arguments")
    if inner is not None and not isinstance(inner, dict):
        return "arguments is an object with about and request."
    values = {
        **{name: arguments[name] for name in ("about", "request") if name in arguments},
        **(inner or {}),
    }
    unknown = (set(arguments) | set(values)) - {"skill", "arguments", "about", "request"}
    if unknown:
        return f"{USE} has no argument {', '.join(sorted(unknown))}."
    skill, about, request = arguments.get("skill"), values.get("about") or "", values.get("request") or ""
    if not isinstance(skill, str) or not skill.strip():
        return f"{USE} needs skill, the name of one."
    if isinstance(about, int) and not isinstance(about, bool):
        about = str(about)
    if not isinstance(about, str) or not isinstance(request, str):
        return "about and request are texts."
    return Use(skill=skill.strip().lstrip("/").lower(), about=about[:300], request=request[:REQUEST_MAX])

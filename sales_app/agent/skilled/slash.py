"""``/name rest`` at the beginning of a message. What is meant is decided without a model; what is unclear is asked back."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from sales_app.agent.skilled.definitions import Offered

# "/accounts/12/" is an address, not a skill.
COMMAND = re.compile(r"\s*/([A-Za-z][\w-]{0,63})(?![\w/-])[ \t]*(.*)", re.DOTALL)
TYPOS_MAX = 2
HELP = {"help", "skills", "commands"}


@dataclass(frozen=True, kw_only=True)
class Chosen:
    name: str
    rest: str


@dataclass(frozen=True, kw_only=True)
class Told:
    """An answer that needs nothing else, as Markdown."""

    text: str


def read(text: str, skills: Sequence[Offered]) -> Chosen | Told | None:
    """None: the message is no command."""
    found = COMMAND.fullmatch(text)
    if found is None:
        return None
    name, rest = found[1].lower().replace("_", "-"), found[2].strip()
    if name in HELP:
        return _help(rest, skills)
    known = {skill.name: skill for skill in skills}
    if name in known:
        return _chosen(known[name], rest)
    # "/call prep Acme": the name's words apart.
    words = rest.split()
    for count in range(1, min(4, len(words)) + 1):
        joined = "-".join([name, *(word.lower() for word in words[:count])])
        if joined in known:
            return _chosen(known[joined], " ".join(words[count:]))
    near = nearest(name, known)
    if near:
        meant = " or ".join(f"`/{each}{' ' + _inline(rest) if rest else ''}`" for each in near)
        return Told(text=f"There is no skill called `/{name}`. Did you mean {meant}?")
    return Told(text=f"There is no skill called `/{name}`.\n\n{_list(skills)}")


def _chosen(skill: Offered, rest: str) -> Chosen | Told:
    if rest.lower().strip(" ?") in {"help", "-h", "--help"}:
        return Told(text=_one(skill))
    return Chosen(name=skill.name, rest=rest)


def _help(rest: str, skills: Sequence[Offered]) -> Told:
    wanted = rest.lower().lstrip("/").strip().replace(" ", "-")
    skill = next((each for each in skills if each.name == wanted), None)
    if skill:
        return Told(text=_one(skill))
    if wanted and (near := nearest(wanted, {each.name: each for each in skills})):
        return Told(text="Did you mean " + " or ".join(f"`/help {each}`" for each in near) + "?")
    return Told(text=_list(skills))


def _one(skill: Offered) -> str:
    return f"**{skill.title}**: {_inline(skill.description)}\n\nWrite `{_inline(skill.usage)}`."


def _list(skills: Sequence[Offered]) -> str:
    if not skills:
        return "No skill is published here yet. RevOps publishes them in the admin."
    lines = [f"- `{_inline(skill.usage)}`: {short(skill.description)}" for skill in skills]
    return "These are the skills:\n\n" + "\n".join(lines) + "\n\n`/help` and a name says more about one."


def _inline(text: str) -> str:
    return " ".join(text.replace("`", "'").split())


def one_line(text: str) -> str:
    """What stands before the first dash or point: enough to choose by."""
    return short(re.split(r"\s[-–—]\s", _inline(text), maxsplit=1)[0])


def short(text: str) -> str:
    """The first sentence."""
    first = re.split(r"(?<=[.!?])\s", _inline(text), maxsplit=1)[0]
    return first if len(first) <= 160 else first[:159].rsplit(" ", 1)[0] + "…"


def nearest(name: str, known: dict[str, Offered]) -> list[str]:
    """Names that differ by few letters, the nearest first; else those that begin so."""
    most = min(TYPOS_MAX, max(1, len(name) // 3))
    by_distance = sorted((distance(name, each), each) for each in known)
    close = [each for far, each in by_distance if far <= most and far == by_distance[0][0]]
    return close or [each for each in sorted(known) if len(name) >= 3 and each.startswith(name)][:3]


def distance(one: str, other: str) -> int:
    """Letters that are added, missing, wrong or swapped with their neighbour."""
    before: list[int] = []
    row = list(range(len(other) + 1))
    for at, letter in enumerate(one, 1):
        older, before, row = before, row, [at]
        for place, wanted in enumerate(other, 1):
            cost = min(before[place] + 1, row[place - 1] + 1, before[place - 1] + (letter != wanted))
            swapped = at > 1 and place > 1 and letter == other[place - 2] and one[at - 2] == wanted
            row.append(min(cost, older[place - 2] + 1) if swapped else cost)
    return row[-1]

"""The model's part: it words lines from counts. It chooses nothing and counts nothing, and what it gets wrong is not taken."""

import json
import logging
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from asgiref.sync import async_to_sync

from sales_app.agent.client import close_client, model_client
from sales_app.agent.model_call import usage_of
from sales_app.agent.models import agent_settings
from sales_app.agent.stream import USAGE
from sales_app.encoding.facts import counts
from sales_app.encoding.holding import PAIR, problem
from sales_app.encoding.signals import BY_KEY
from sales_app.facts import Fact
from sales_app.standin.mind.lining import MARK

logger = logging.getLogger(__name__)

Json = dict[str, Any]

MAX_LINE = 300
ANSWER = re.compile(r"^\s*([a-z_]+)\s*\|\s*(\S.*?)\s*$")
UNASKED = "The model could not be asked, so these are plain words."

SYSTEM = f"""{MARK}.

Rules:
- You get a list of facts as JSON. Write one line for each, in the same order: its id, a vertical bar, the line. Nothing else.
- A line tells a rep what to do, in at most 25 words, in the imperative, and ends with the counts as they are given, each with "won" or "lost" beside it.
- Use no other number, name or date. Say nothing about causes: the counts say what goes together, not why.
"""


@dataclass(frozen=True, kw_only=True)
class Worded:
    """``text`` is what may stand in the skill; ``refused`` why the model's own line does not."""

    text: str
    refused: str = ""


@dataclass(frozen=True, kw_only=True)
class Wording:
    lines: Mapping[str, Worded]
    usage: Json = field(default_factory=dict)
    note: str = ""


def word(facts: Sequence[Fact], *, today: date) -> Wording:
    """A line for each fact. Blocks while the model writes; where it cannot be asked the lines are plain."""
    if not facts:
        return Wording(lines={})
    options = agent_settings()
    try:
        said, usage = async_to_sync(_ask)(options.model, options.max_tokens, request_of(facts))
    except Exception as problem:
        logger.warning("The model could not word the lines: %s", problem)
        return Wording(lines={fact.id: Worded(text=plain(fact)) for fact in facts}, note=UNASKED)
    return Wording(
        lines={fact.id: held(said.get(fact.id, ""), fact, today=today) for fact in facts}, usage=usage
    )


def held(text: str, fact: Fact, *, today: date) -> Worded:
    """The model's line if its numbers are the fact's, and otherwise plain words."""
    text = one_line(text)
    if not text:
        return Worded(text=plain(fact), refused="The model wrote no line for this.")
    if why := problem(text, fact, today=today):
        return Worded(text=plain(fact), refused=why)
    if not PAIR.search(text):
        text = f"{text.rstrip('. ')} ({counts(fact)})."
    return Worded(text=text)


def plain(fact: Fact) -> str:
    return f"{advice_of(fact)} ({counts(fact)})."


def advice_of(fact: Fact) -> str:
    signal = BY_KEY[fact.id]
    values = fact.values
    return (
        signal.do if values["won"] * values["lost_of"] >= values["lost"] * values["won_of"] else signal.avoid
    )


def request_of(facts: Sequence[Fact]) -> str:
    """What the model reads. No quote is in it: customers spoke those."""
    rows = [
        {"id": fact.id, "advice": advice_of(fact), "fact": fact.text, "counts": counts(fact)}
        for fact in facts
    ]
    return f"<facts>{json.dumps(rows, ensure_ascii=False)}</facts>"


def one_line(text: str) -> str:
    """A line of a list, that is neither heading nor mark-up of ours."""
    text = " ".join(text.replace("<", "‹").replace(">", "›").split())
    return text.lstrip("#-*•| ")[:MAX_LINE].strip()


async def _ask(model: str, max_tokens: int, content: str) -> tuple[dict[str, str], Json]:
    client = await model_client()
    try:
        answer = await client.api.messages.create(
            model=client.model(model),
            max_tokens=max_tokens,
            system=SYSTEM,
            messages=[{"role": "user", "content": content}],
        )
    finally:
        await close_client()
    text = "".join(block.text for block in answer.content if block.type == "text")
    counted = {name: getattr(answer.usage, name) or 0 for name in USAGE}
    lines = {found[1]: found[2] for line in text.splitlines() if (found := ANSWER.match(line))}
    return lines, {"model": answer.model, **counted, "stand_in": client.stand_in}


def cost_of(usage: Json) -> str | None:
    """US dollars; None when no price is known."""
    if not usage:
        return None
    counted = {name: count for name, count in usage.items() if name.endswith("_tokens")}
    return usage_of(usage["model"], counted).cost

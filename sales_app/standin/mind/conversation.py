"""A request taken apart: what is asked, what the tools have answered to it so far, and what came before."""

import json
import re
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from sales_app.standin.signature import flattened

Json = dict[str, Any]

TODAY = re.compile(r"Today: \w+, (\d{4}-\d{2}-\d{2})")
USER = re.compile(r"User: ([^,\n]+)")
SUBJECT = re.compile(r'Subject: (\w+) (\S+) "([^"\n]*)"')
# What the agent adds to the question is marked with brackets or a tag at its beginning.
ASIDE = re.compile(r"\s*(\[|<\w+>)")
GO_ON = re.compile(
    r"(please )?(continue|go on|keep going)\b|\[your answer reached its length limit", re.IGNORECASE
)


@dataclass(frozen=True)
class Done:
    """A tool call and its result."""

    name: str
    args: Json
    result: Json
    failed: bool

    @property
    def error(self) -> Json:
        found: Json = self.result.get("error", {})
        return found


@dataclass
class Exchange:
    """One question, what was looked up for it, and what was said."""

    question: str
    done: list[Done] = field(default_factory=list)
    said: str = ""


@dataclass(frozen=True)
class Subject:
    kind: str
    id: str
    label: str


@dataclass(frozen=True)
class Conversation:
    """``exchanges`` ends with the open one. ``said_already`` is what a cut answer has said of it, ``aside`` what the agent added
    behind the question."""

    exchanges: list[Exchange]
    today: date
    user: str
    subject: Subject | None
    tools: frozenset[str]
    said_already: str
    aside: str = ""

    @property
    def open(self) -> Exchange:
        return self.exchanges[-1]

    @property
    def earlier(self) -> list[Exchange]:
        return self.exchanges[:-1]


def newest_question(messages: list[Json]) -> str:
    for *_, role, block in reversed(list(flattened(messages))):
        if role == "user" and block["type"] == "text" and not ASIDE.match(block["text"]):
            return str(block["text"])
    return ""


def read(request: Json) -> Conversation:
    facts = text_of(request.get("system"))
    exchanges: list[Exchange] = []
    calls: dict[str, tuple[str, Json]] = {}
    cut = aside = ""
    for _, _, role, block in flattened(request["messages"]):
        kind = block["type"]
        if role == "user" and kind == "text":
            if exchanges and GO_ON.match(block["text"]):
                cut = exchanges[-1].said
            elif ASIDE.match(block["text"]):
                facts += "\n" + block["text"]
                aside += "\n" + block["text"]
            else:
                exchanges.append(Exchange(block["text"]))
                cut = aside = ""
        elif not exchanges:
            continue
        elif kind == "text":
            exchanges[-1].said += block["text"]
        elif kind == "tool_use":
            calls[block["id"]] = (block["name"], block["input"])
        elif kind == "tool_result" and block["tool_use_id"] in calls:
            name, args = calls[block["tool_use_id"]]
            result = _result(block)
            failed = bool(block.get("is_error")) or (
                name.startswith("get_") and not {"id", "candidates"} & set(result)
            )
            exchanges[-1].done.append(Done(name, args, result, failed))
    # The newest facts count: a conversation may go on tomorrow.
    days = TODAY.findall(facts)
    users = USER.findall(facts)
    subjects = SUBJECT.findall(facts)
    return Conversation(
        exchanges=exchanges or [Exchange("")],
        today=date.fromisoformat(days[-1]) if days else date.today(),
        user=users[-1].strip() if users else "",
        subject=Subject(*subjects[-1]) if subjects else None,
        tools=frozenset(tool["name"] for tool in request.get("tools", [])),
        said_already=cut,
        aside=aside,
    )


def text_of(content: Any) -> str:
    if isinstance(content, list):
        return "\n".join(block.get("text", "") for block in content)
    return content or ""


def _result(block: Json) -> Json:
    """The JSON object in a result, wherever it stands in the text around it."""
    text = text_of(block.get("content"))
    start, end = text.find("{"), text.rfind("}")
    try:
        found = json.loads(text[start : end + 1])
    except ValueError:
        found = None
    return found if isinstance(found, dict) else {"error": {"code": "unreadable", "message": text[:300]}}

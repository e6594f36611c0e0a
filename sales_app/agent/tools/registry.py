"""What a tool is, and the table of them."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from sales_app.crm.errors import CrmError
from sales_app.people.access import can
from sales_app.people.models import User
from sessions_app.runs.agents import AgentError

Json = dict[str, Any]

# About 6,000 tokens.
RESULT_CHARACTERS = 24_000
TEXT_CHARACTERS = 400


@dataclass(frozen=True, kw_only=True)
class Tool:
    """``call(user, **arguments)`` acts with the user's rights and returns JSON.

    ``summary`` says in one line what everybody in the session may read of the result; the result itself stays with the
    agent, because another participant may not see the rows that the asker may see.
    """

    name: str
    description: str
    schema: Json
    call: Callable[..., Json]
    summary: Callable[[Json], str]

    def definition(self) -> Json:
        return {"name": self.name, "description": self.description, "input_schema": self.schema}


class SignedOff(AgentError):
    """The account that asked is deactivated; nothing is read for it any longer."""

    code = "account_inactive"


_tools: dict[str, Tool] = {}


def register(tool: Tool) -> None:
    _tools[tool.name] = tool


def tools() -> list[Tool]:
    return list(_tools.values())


@dataclass(frozen=True)
class ToolResult:
    """``value`` is for the model, ``summary`` for everybody in the session."""

    value: Json
    summary: str
    failed: bool = False


def asker(actor: str) -> User:
    """The person whose rights a run has. Raises SignedOff."""
    pk = actor.removeprefix("user:")
    user = User.objects.filter(pk=int(pk)).first() if actor.startswith("user:") and pk.isdecimal() else None
    if user is None or not can(user, "crm.read"):
        raise SignedOff(
            "Your account is not active, so nothing can be looked up for it.", code="account_inactive"
        )
    return user


def run_tool(actor: str, name: str, arguments: Any) -> ToolResult:
    """What the model did wrong is answered so that it can do better. The rights are looked up at each call.

    Raises SignedOff.
    """
    user = asker(actor)
    tool = _tools.get(name)
    if tool is None:
        return _wrong(f"There is no tool {name!r}. There are: {', '.join(_tools)}.")
    if not isinstance(arguments, dict):
        return _wrong("Arguments must be an object.")
    unknown = set(arguments) - set(tool.schema["properties"])
    if unknown:
        return _wrong(f"{name} has no argument {', '.join(sorted(unknown))}.")
    missing = set(tool.schema.get("required", [])) - set(arguments)
    if missing:
        return _wrong(f"{name} needs {', '.join(sorted(missing))}.")
    try:
        result = tool.call(user, **arguments)
    except CrmError as problem:
        return ToolResult(problem.as_dict(), problem.message, failed=True)
    except (TypeError, ValueError, OverflowError) as problem:
        return _wrong(f"{name} could not read its arguments: {problem}")
    return ToolResult(bounded(result), tool.summary(result))


def bounded(result: Json, *, limit: int = RESULT_CHARACTERS) -> Json:
    """The result within ``limit`` characters of JSON: first long texts are cut, then lists, and both say so."""
    if _length(result) <= limit:
        return result
    result = _with_short_texts(result)
    while _length(result) > limit:
        longest = max(_lists(result), key=_length, default=None)
        if longest is None or len(longest) < 2:
            return {"error": {"code": "too_much", "message": "The result is too long. Ask for less of it."}}
        del longest[len(longest) // 2 :]
        result["left_out"] = "Some rows are left out because there are too many. Ask for fewer."
    return result


def _length(value: Any) -> int:
    return len(json.dumps(value, ensure_ascii=False, default=str))


def _with_short_texts(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _with_short_texts(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_with_short_texts(item) for item in value]
    if isinstance(value, str) and len(value) > TEXT_CHARACTERS:
        return value[:TEXT_CHARACTERS] + "… [cut]"
    return value


def _lists(value: Any) -> Iterator[list[Any]]:
    if isinstance(value, list):
        yield value
    for item in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from _lists(item)


def _wrong(message: str) -> ToolResult:
    return ToolResult({"error": {"code": "bad_arguments", "message": message}}, message, failed=True)

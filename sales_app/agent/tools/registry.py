"""What a tool is, and the table of them."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sales_app.crm.errors import CrmError
from sales_app.people.models import User
from sessions_app.runs.agents import AgentError

Json = dict[str, Any]


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


def run_tool(actor: str, name: str, arguments: Any) -> tuple[Json, str, bool]:
    """``(result, published summary, failed)``. What the model did wrong is answered so that it can do better.

    The rights are looked up at each call. Raises SignedOff.
    """
    user = (
        User.objects.filter(pk=actor.removeprefix("user:"), is_active=True).first()
        if actor.startswith("user:")
        else None
    )
    if user is None:
        raise SignedOff(
            "Your account is not active, so nothing can be looked up for it.", code="account_inactive"
        )
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
        return problem.as_dict(), problem.message, True
    except (TypeError, ValueError) as problem:
        return _wrong(f"{name} could not read its arguments: {problem}")
    return result, tool.summary(result), False


def _wrong(message: str) -> tuple[Json, str, bool]:
    return {"error": {"code": "bad_arguments", "message": message}}, message, True

"""What a tool is, and the table of them."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any, Literal, TypeVar

from sales_app.agent.tools.arguments import misfit
from sales_app.agent.tools.results import bounded
from sales_app.crm.errors import CrmError
from sales_app.people.access import can
from sales_app.people.models import User
from sessions_app.runs.agents import AgentError
from sessions_app.runs.effects import register_undo

Json = dict[str, Any]

# read: looks up · draft: private to whoever asked · internal: changes our own records, can be undone · external: reaches
# people outside, cannot be undone.
ToolClass = Literal["read", "draft", "internal", "external"]


@dataclass(frozen=True, kw_only=True)
class Tool:
    """``untrusted``: its results hold text that outsiders wrote, such as e-mails and what was noted of calls. Of other tools
    each result is looked at (``outside.tells``)."""

    name: str
    description: str
    schema: Json
    kind: ToolClass
    untrusted: bool

    def definition(self) -> Json:
        return {"name": self.name, "description": self.description, "input_schema": self.schema}


@dataclass(frozen=True, kw_only=True)
class LookUp(Tool):
    """``call(user, **arguments)`` acts with the user's rights and returns JSON.

    ``summary`` says in one line what everybody in the session may read of the result; the result itself stays with the
    agent, because another participant may not see the rows that the asker may see.
    """

    kind: ToolClass = "read"
    call: Callable[..., Json]
    summary: Callable[[Json], str]


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What an acting tool would do, checked, with nothing done yet: what a person approves.

    ``args`` are the call's arguments with every record resolved to its id, JSON, enough to do exactly this and nothing else.
    """

    args: Json
    title: str
    changes: list[Json] = field(default_factory=list)  # [{label, before, after}]


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """``value`` is for the model, ``summary`` for everybody. ``done`` False: certainly not done."""

    value: Json
    summary: str
    undo: Json | None = None
    done: bool = True


@dataclass(frozen=True)
class Doer:
    """The person whose rights count, and the run that acts for them."""

    user: User
    run_id: str


@dataclass(frozen=True, kw_only=True)
class Acting(Tool):
    """``plan(user, **arguments)`` raises CrmError for what cannot be done.

    ``pins`` names those of the plan's arguments that ``plan`` finds by itself, such as the version of a record: an approval is
    bound to them, the model does not give them.
    """

    untrusted: bool = False
    plan: Callable[..., Plan]
    pins: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Change(Acting):
    """``apply(doer, **plan.args)`` runs in the transaction of its record; ``undo(actor, data)`` takes it back."""

    kind: ToolClass = "internal"
    apply: Callable[..., Outcome]
    undo: Callable[[str, Json], None]


@dataclass(frozen=True, kw_only=True)
class Errand(Acting):
    """``perform(doer, key, **plan.args)``: at most once for a key. An exception means that nobody knows."""

    kind: ToolClass = "external"
    perform: Callable[..., Awaitable[Outcome]]


class SignedOff(AgentError):
    """The account that asked is deactivated; nothing is read for it any longer."""

    code = "account_inactive"


class NotPermitted(CrmError):
    code = "not_allowed"


_tools: dict[str, Tool] = {}


def register(tool: Tool) -> None:
    _tools[tool.name] = tool
    if isinstance(tool, Change):
        register_undo(tool.name, tool.undo)


def tools() -> list[Tool]:
    return list(_tools.values())


def find_tool(name: str) -> Tool | None:
    return _tools.get(name)


@dataclass(frozen=True)
class ToolResult:
    """``value`` is for the model, ``summary`` for everybody in the session; ``quotes``: what it holds of records' own texts
    besides its candidates, when it ``failed``."""

    value: Json
    summary: str
    failed: bool = False
    quotes: tuple[str, ...] = ()


def asker(actor: str) -> User:
    """The person whose rights a run has. Raises SignedOff."""
    user = person(actor)
    if user is None or not can(user, "crm.read"):
        raise SignedOff(
            "Your account is not active, so nothing can be looked up for it.", code="account_inactive"
        )
    return user


def person(actor: str) -> User | None:
    pk = actor.removeprefix("user:")
    return User.objects.filter(pk=int(pk)).first() if actor.startswith("user:") and pk.isdecimal() else None


def may_approve(actor: str) -> bool:
    """Whether this person's approval counts."""
    user = person(actor)
    return user is not None and can(user, "crm.write")


def approval_counts(actor: str, tool: str) -> bool:
    """Whether this person may approve a call of the tool. Of tools that are not ours, anybody whom the session lets."""
    return not isinstance(_tools.get(tool), Acting) or may_approve(actor)


def may_write(user: User) -> None:
    """Raises NotPermitted."""
    if not can(user, "crm.write"):
        raise NotPermitted(
            "The role of whoever asks may read records, not change them or write to customers."
        )


def run_tool(actor: str, name: str, arguments: Any) -> ToolResult:
    """Look something up. What the model did wrong is answered so that it can do better.

    The rights are looked up at each call. Raises SignedOff.
    """
    user = asker(actor)
    tool = _tools.get(name)
    if not isinstance(tool, LookUp):
        return _wrong(f"There is no tool {name!r}. There are: {', '.join(_tools)}.")
    wrong = misfit(name, tool.schema, arguments, types=False)
    if wrong:
        return _wrong(wrong)
    result = _careful(name, lambda: tool.call(user, **arguments))
    return result if isinstance(result, ToolResult) else ToolResult(bounded(result), tool.summary(result))


def plan_tool(actor: str, tool: Acting, arguments: Any) -> Plan | ToolResult:
    """What the call would do, or why it cannot be done. Raises SignedOff."""
    user = asker(actor)
    wrong = misfit(tool.name, tool.schema, arguments)
    if wrong:
        return _wrong(wrong)

    def plan() -> Plan:
        may_write(user)
        return tool.plan(user, **arguments)

    return _careful(tool.name, plan)


def plan_approved(actor: str, tool: Acting, args: Json) -> Plan | ToolResult:
    """Plan once more what was approved: the same, or nothing. Raises SignedOff."""
    given = {name: value for name, value in args.items() if name not in tool.pins}
    plan = plan_tool(actor, tool, given)
    if isinstance(plan, Plan) and plan.args != args:
        changed = "The records have changed since this was approved, so it was not done. Ask again."
        return ToolResult({"error": {"code": "changed_since", "message": changed}}, changed, failed=True)
    return plan


def apply_tool(
    actor: str, run_id: str, tool: Change, arguments: Any, *, approved: bool = False
) -> Outcome | ToolResult:
    """Check and do. ``approved``: the arguments are those of a plan. Whoever calls holds the transaction. Raises SignedOff."""
    plan = (plan_approved if approved else plan_tool)(actor, tool, arguments)
    if isinstance(plan, ToolResult):
        return plan
    return _careful(tool.name, lambda: tool.apply(Doer(asker(actor), run_id), **plan.args))


T = TypeVar("T")


def _careful(name: str, call: Callable[[], T]) -> T | ToolResult:
    try:
        return call()
    except CrmError as problem:
        return ToolResult(problem.as_dict(), problem.message, failed=True, quotes=problem.quotes)
    except (TypeError, ValueError, OverflowError) as problem:
        return _wrong(f"{name} could not read its arguments: {problem}")


def _wrong(message: str) -> ToolResult:
    return ToolResult({"error": {"code": "bad_arguments", "message": message}}, message, failed=True)

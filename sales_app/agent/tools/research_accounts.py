"""``research_accounts``: one question about several accounts, each looked into by a sub-agent, side by side."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sales_app.agent.tools.arguments import misfit
from sales_app.agent.tools.records import find
from sales_app.agent.tools.registry import Json, Tool, ToolClass, ToolResult, asker, register
from sales_app.agent.tools.schemas import schema_of, text
from sales_app.crm.errors import CrmError, UnknownValue
from sales_app.people.models import User

ACCOUNTS_MAX = 8
QUESTION_MAX = 1000


@dataclass(frozen=True, kw_only=True)
class Delegation(Tool):
    """``plan(user, **arguments)`` returns the accounts ``[{id, name, url}]`` that are looked into; it raises CrmError."""

    kind: ToolClass = "read"
    untrusted: bool = True  # sub-agents read what outsiders wrote
    plan: Callable[..., list[Json]]


def plan(user: User, *, accounts: Any, question: Any) -> list[Json]:
    if not isinstance(question, str) or not 1 <= len(question.strip()) <= QUESTION_MAX:
        raise UnknownValue(f"question is a text of 1 to {QUESTION_MAX} characters.")
    refs = accounts if isinstance(accounts, list) else [accounts]
    if not 1 <= len(refs) <= ACCOUNTS_MAX or not all(isinstance(ref, str | int) for ref in refs):
        raise UnknownValue(f"accounts is a list of 1 to {ACCOUNTS_MAX} ids or names.")
    found = [find(user, "account", ref) for ref in refs]
    unique = {account.pk: account for account in found}
    return [
        {"id": account.pk, "name": account.name, "url": account.get_absolute_url()}
        for account in unique.values()
    ]


def plan_delegation(actor: str, tool: Delegation, arguments: Any) -> list[Json] | ToolResult:
    """Whom to look into, or why nobody can. Raises SignedOff."""
    user = asker(actor)
    wrong = misfit(tool.name, tool.schema, arguments, types=False)
    if wrong:
        return ToolResult({"error": {"code": "bad_arguments", "message": wrong}}, wrong, failed=True)
    try:
        return tool.plan(user, **arguments)
    except CrmError as problem:
        return ToolResult(problem.as_dict(), problem.message, failed=True, quotes=problem.quotes)


register(
    Delegation(
        name="research_accounts",
        description=(
            "Ask one question about several accounts at once. Each account is looked into by a researcher of its own, "
            "which reads the same records as you. Use it for two or more accounts when each needs several look-ups."
        ),
        schema=schema_of(
            ["accounts", "question"],
            accounts={
                "type": "array",
                "items": {"type": ["string", "integer"]},
                "minItems": 1,
                "maxItems": ACCOUNTS_MAX,
                "description": "Ids or names.",
            },
            question=text("What to find out about each of them, complete in itself."),
        ),
        plan=plan,
    )
)

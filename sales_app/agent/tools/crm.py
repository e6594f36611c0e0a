"""The copilot's read tools over accounts, contacts, deals, activities and the calendar."""

from typing import Any

from sales_app.agent.tools.registry import Json, Tool, register
from sales_app.crm import queries


def _schema(required: list[str] | None = None, **properties: Json) -> Json:
    return {
        "type": "object",
        "properties": properties,
        "required": required or [],
        "additionalProperties": False,
    }


def _text(description: str, **more: Any) -> Json:
    return {"type": "string", "description": description, **more}


REF = {"type": ["string", "integer"]}
LIMIT: Json = {"type": "integer", "minimum": 1, "maximum": 50, "description": "How many rows at most."}
OWNER = _text("'me', a colleague's name or e-mail address.")
DAY = "A day as 2026-11-24."


def _found(what: str) -> Any:
    def summary(result: Json) -> str:
        total = result.get("total", 0)
        shown = len(result.get("items", []))
        noun = what if total != 1 else what.removesuffix("s").replace("activitie", "activity")
        return f"{total} {noun}" + (f", the first {shown} read" if shown < total else "")

    return summary


def _one(result: Json) -> str:
    if "candidates" in result:
        return f"{len(result['candidates'])} records fit"
    return str(result.get("name") or "1 record")


register(
    Tool(
        name="find_accounts",
        description="List accounts of the user's book by words, industry, segment, country, status, owner or health.",
        schema=_schema(
            text=_text("Words of the name or domain."),
            industry=_text("Industry."),
            segment=_text("Segment: smb, mid or enterprise."),
            country=_text("Country."),
            status=_text("prospect, customer or churned."),
            owner=OWNER,
            health=_text("Health of a customer."),
            order_by=_text("Order.", enum=list(queries.ACCOUNT_ORDERS)),
            limit=LIMIT,
        ),
        call=queries.find_accounts,
        summary=_found("accounts"),
    )
)
register(
    Tool(
        name="get_account",
        description="One account with its contacts, open and closed deals and latest activities. Misspelt names work.",
        schema=_schema(["ref"], ref={**REF, "description": "Id, domain or name."}),
        call=queries.get_account,
        summary=_one,
    )
)
register(
    Tool(
        name="get_deal",
        description="One deal with the people at its account and its activities.",
        schema=_schema(["ref"], ref={**REF, "description": "Id or name."}),
        call=queries.get_deal,
        summary=_one,
    )
)
register(
    Tool(
        name="find_contacts",
        description="List contacts by words, account, buying role, or not contacted since a day.",
        schema=_schema(
            text=_text("Words of the name, title or e-mail address."),
            account={**REF, "description": "Account id or name."},
            role=_text("Role in buying, for example champion or economic_buyer."),
            not_contacted_since=_text(DAY),
            limit=LIMIT,
        ),
        call=queries.find_contacts,
        summary=_found("contacts"),
    )
)
register(
    Tool(
        name="find_deals",
        description="List deals by words, stage, account, owner, closing date, amount or competitor.",
        schema=_schema(
            text=_text("Words of the deal's or account's name."),
            stage=_text("prospecting, discovery, evaluation, proposal, negotiation, won or lost."),
            account={**REF, "description": "Account id or name."},
            owner=OWNER,
            close_from=_text(DAY),
            close_to=_text(DAY),
            min_amount={"type": "number"},
            max_amount={"type": "number"},
            competitor=_text("Name of a competitor."),
            open_only={"type": "boolean"},
            order_by=_text("Order.", enum=list(queries.DEAL_ORDERS)),
            limit=LIMIT,
        ),
        call=queries.find_deals,
        summary=_found("deals"),
    )
)
register(
    Tool(
        name="deal_summary",
        description="Counts and amounts of deals, grouped by stage, owner, segment, industry, competitor …",
        schema=_schema(
            group_by=_text("Grouping.", enum=list(queries.GROUPS)),
            open_only={"type": "boolean"},
            close_from=_text(DAY),
            close_to=_text(DAY),
        ),
        call=queries.deal_summary,
        summary=lambda result: f"{len(result.get('groups', []))} groups by {result.get('group_by', '')}",
    )
)
register(
    Tool(
        name="recent_activities",
        description="Calls, meetings, e-mails, notes and tasks up to now, the latest first.",
        schema=_schema(
            text=_text("Words of the subject or body, for example a competitor's name."),
            account={**REF, "description": "Account id or name."},
            deal={**REF, "description": "Deal id or name."},
            contact={**REF, "description": "Contact id or name."},
            owner=OWNER,
            kind=_text("call, email, meeting, note or task."),
            since=_text(DAY),
            limit=LIMIT,
        ),
        call=queries.recent_activities,
        summary=_found("activities"),
    )
)
register(
    Tool(
        name="open_tasks",
        description="Tasks not done, those overdue first.",
        schema=_schema(owner=OWNER, limit=LIMIT),
        call=queries.open_tasks,
        summary=_found("tasks"),
    )
)
register(
    Tool(
        name="quiet_accounts",
        description="Accounts where nothing has happened for some days, the largest first.",
        schema=_schema(
            days={"type": "integer", "minimum": 1},
            status=_text("prospect, customer or churned."),
            limit=LIMIT,
        ),
        call=queries.quiet_accounts,
        summary=_found("accounts"),
    )
)
register(
    Tool(
        name="calendar",
        description="The user's meetings, calls and due tasks by day, both days included; at most 31 days.",
        schema=_schema(["day_from"], day_from=_text(DAY), day_to=_text(DAY)),
        call=queries.calendar,
        summary=lambda result: f"{sum(len(day.get('events', [])) for day in result.get('days', []))} events",
    )
)

"""The copilot's read tools over accounts, contacts, deals, activities and the calendar."""

from typing import Any

from sales_app.agent.tools.registry import Json, LookUp, register
from sales_app.agent.tools.schemas import schema_of, text
from sales_app.crm import queries

REF = {"type": ["string", "integer"]}
LIMIT: Json = {"type": "integer", "minimum": 1, "maximum": 50, "description": "How many rows at most."}
OWNER = text("'me', a colleague's name or e-mail address.")
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
    LookUp(
        name="find_accounts",
        untrusted=False,
        description="List accounts of the user's book by words, industry, segment, country, status, owner or health.",
        schema=schema_of(
            text=text("Words of the name or domain."),
            industry=text("Industry."),
            segment=text("Segment: smb, mid or enterprise."),
            country=text("Country."),
            status=text("prospect, customer or churned."),
            owner=OWNER,
            health=text("Health of a customer."),
            order_by=text("Order.", enum=list(queries.ACCOUNT_ORDERS)),
            limit=LIMIT,
        ),
        call=queries.find_accounts,
        summary=_found("accounts"),
    )
)
register(
    LookUp(
        name="get_account",
        untrusted=True,
        description="One account with its contacts, open and closed deals and latest activities. Misspelt names work.",
        schema=schema_of(["ref"], ref={**REF, "description": "Id, domain or name."}),
        call=queries.get_account,
        summary=_one,
    )
)
register(
    LookUp(
        name="get_deal",
        untrusted=True,
        description="One deal with the people at its account and its activities.",
        schema=schema_of(["ref"], ref={**REF, "description": "Id or name."}),
        call=queries.get_deal,
        summary=_one,
    )
)
register(
    LookUp(
        name="find_contacts",
        untrusted=False,
        description="List contacts by words, account, buying role, or not contacted since a day.",
        schema=schema_of(
            text=text("Words of the name, title or e-mail address."),
            account={**REF, "description": "Account id or name."},
            role=text("Role in buying, for example champion or economic_buyer."),
            not_contacted_since=text(DAY),
            limit=LIMIT,
        ),
        call=queries.find_contacts,
        summary=_found("contacts"),
    )
)
register(
    LookUp(
        name="find_deals",
        untrusted=False,
        description="List deals by words, stage, account, owner, closing date, amount or competitor.",
        schema=schema_of(
            text=text("Words of the deal's or account's name."),
            stage=text("prospecting, discovery, evaluation, proposal, negotiation, won or lost."),
            account={**REF, "description": "Account id or name."},
            owner=OWNER,
            close_from=text(DAY),
            close_to=text(DAY),
            min_amount={"type": "number"},
            max_amount={"type": "number"},
            competitor=text("Name of a competitor."),
            open_only={"type": "boolean"},
            order_by=text("Order.", enum=list(queries.DEAL_ORDERS)),
            limit=LIMIT,
        ),
        call=queries.find_deals,
        summary=_found("deals"),
    )
)
register(
    LookUp(
        name="deal_summary",
        untrusted=False,
        description="Counts and amounts of deals, grouped by stage, owner, segment, industry, competitor …",
        schema=schema_of(
            group_by=text("Grouping.", enum=list(queries.GROUPS)),
            open_only={"type": "boolean"},
            close_from=text(DAY),
            close_to=text(DAY),
        ),
        call=queries.deal_summary,
        summary=lambda result: f"{len(result.get('groups', []))} groups by {result.get('group_by', '')}",
    )
)
register(
    LookUp(
        name="recent_activities",
        untrusted=True,
        description="Calls, meetings, e-mails, notes and tasks up to now, the latest first.",
        schema=schema_of(
            text=text("Words of the subject or body, for example a competitor's name."),
            account={**REF, "description": "Account id or name."},
            deal={**REF, "description": "Deal id or name."},
            contact={**REF, "description": "Contact id or name."},
            owner=OWNER,
            kind=text("call, email, meeting, note or task."),
            since=text(DAY),
            limit=LIMIT,
        ),
        call=queries.recent_activities,
        summary=_found("activities"),
    )
)
register(
    LookUp(
        name="open_tasks",
        untrusted=True,
        description="Tasks not done, those overdue first.",
        schema=schema_of(owner=OWNER, limit=LIMIT),
        call=queries.open_tasks,
        summary=_found("tasks"),
    )
)
register(
    LookUp(
        name="quiet_accounts",
        untrusted=False,
        description="Accounts where nothing has happened for some days, the largest first.",
        schema=schema_of(
            days={"type": "integer", "minimum": 1},
            status=text("prospect, customer or churned."),
            limit=LIMIT,
        ),
        call=queries.quiet_accounts,
        summary=_found("accounts"),
    )
)
register(
    LookUp(
        name="calendar",
        untrusted=True,
        description="The user's meetings, calls and due tasks by day, both days included; at most 31 days.",
        schema=schema_of(["day_from"], day_from=text(DAY), day_to=text(DAY)),
        call=queries.calendar,
        summary=lambda result: f"{sum(len(day.get('events', [])) for day in result.get('days', []))} events",
    )
)

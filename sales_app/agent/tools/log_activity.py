"""``log_activity``: a call, meeting, e-mail, note or task, as the page "Log an activity" writes it."""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.utils import timezone

from sales_app.agent.tools.records import find, named, visible
from sales_app.agent.tools.registry import Change, Doer, Json, Outcome, Plan, person, register
from sales_app.agent.tools.schemas import schema_of, text
from sales_app.agent.tools.update_field import Invalid
from sales_app.crm import arguments
from sales_app.crm.editing import note
from sales_app.crm.errors import UnknownValue
from sales_app.crm.forms import ActivityForm
from sales_app.crm.models import Activity
from sales_app.people.access import can
from sales_app.people.models import User
from sessions_app.runs.effects import ChangedSince
from sessions_app.session.access import NotAllowed

Ref = str | int
ABOUT = ("contact", "deal", "account")


def plan(
    user: User,
    *,
    kind: str,
    subject: str,
    body: str = "",
    contact: Ref | None = None,
    deal: Ref | None = None,
    account: Ref | None = None,
    when: str | None = None,
    due: str | None = None,
) -> Plan:
    about = _about(user, {"contact": contact, "deal": deal, "account": account})
    args: Json = {"kind": kind, "subject": subject, "body": body}
    args |= {name: row.pk for name, row in about.items()}
    with timezone.override(ZoneInfo(user.time_zone)):
        if when is not None:
            args["when"] = _moment(when).isoformat()
        if due is not None:
            args["due"] = arguments.day(due, "due").isoformat()
        _form(user, args, about)
    label = Activity.Kind(kind).label
    shown = {"Subject": subject, "Text": body, **{name.capitalize(): str(row) for name, row in about.items()}}
    shown |= {"When": str(args.get("when", "")), "Due": str(args.get("due", ""))}
    changes = [{"label": name, "before": "", "after": value} for name, value in shown.items() if value]
    with_whom = next((f" with {row}" for row in about.values()), "")
    return Plan(args=args, title=f"Log a {label.lower()}{with_whom}: {subject}", changes=changes)


def apply(doer: Doer, **args: Any) -> Outcome:
    about = _about(doer.user, {name: args.get(name) for name in ABOUT})
    with timezone.override(ZoneInfo(doer.user.time_zone)):
        made = _form(doer.user, args, about).save()
    note(doer.user, "created", made, {"kind": made.kind}, run=doer.run_id)
    where = next((f", {row}" for row in about.values()), "")
    return Outcome(
        value={
            "logged": {**named(made), "kind": made.kind},
            "about": {n: named(r) for n, r in about.items()},
        },
        summary=f"{made.get_kind_display()} logged: {made.subject}{where}"[:300],
        undo={"id": made.pk, "version": made.version, "run": doer.run_id},
    )


def undo(actor: str, data: Json) -> None:
    """Raises ChangedSince, NotAllowed."""
    user = person(actor)
    row = visible(user, "activity", data["id"]) if user and can(user, "crm.write") else None
    if user is None or row is None:
        raise NotAllowed("You cannot change this record.")
    gone, _ = Activity.objects.filter(pk=row.pk, version=data["version"]).delete()
    if not gone:
        raise ChangedSince()
    row.pk = data["id"]
    note(user, "undone", row, {"kind": row.kind}, run=data["run"])


def _about(user: User, refs: dict[str, Ref | None]) -> dict[str, Any]:
    """The records that are named, and the account that they belong to. Raises NotFound, Ambiguous, Invalid."""
    found = {name: find(user, name, ref) for name, ref in refs.items() if ref not in (None, "")}
    accounts = {row.pk if name == "account" else row.account_id: row for name, row in found.items()}
    if len(accounts) > 1:
        raise Invalid(
            "These records belong to different accounts: " + ", ".join(str(row) for row in found.values()),
            quotes=found.values(),
        )
    if found and "account" not in found:
        found["account"] = next(iter(found.values())).account
    return found


def _form(user: User, args: Json, about: dict[str, Any]) -> ActivityForm:
    """Valid, or Invalid is raised."""
    activity = Activity(owner=user, account=about.get("account"))
    when = datetime.fromisoformat(args["when"]) if args.get("when") else timezone.now()
    data: Json = {
        "kind": args["kind"],
        "subject": args["subject"],
        "body": args.get("body", ""),
        "starts_at": when,
        "due": args.get("due", ""),
        "owner": user.pk,
        **{name: about[name].pk for name in ("contact", "deal") if name in about},
    }
    form = ActivityForm(data, instance=activity, user=user)
    if not form.is_valid():
        raise Invalid(
            " ".join(f"{name}: {' '.join(map(str, errors))}" for name, errors in form.errors.items())
        )
    return form


def _moment(given: str) -> datetime:
    try:
        found = datetime.fromisoformat(given)
    except ValueError:
        raise UnknownValue(f"when is a time such as 2026-03-31T14:30; {given!r} is not.") from None
    return found if timezone.is_aware(found) else timezone.make_aware(found)


_REF = {"type": ["string", "integer"]}

register(
    Change(
        name="log_activity",
        description="Log a call, meeting, e-mail, note or task. Name the contact, deal or account that it is about.",
        schema=schema_of(
            ["kind", "subject"],
            kind=text("What it was.", enum=list(Activity.Kind.values)),
            subject=text("One line.", minLength=1, maxLength=200),
            body=text("What was said, in the user's words.", maxLength=10_000),
            contact={**_REF, "description": "Contact id, name or e-mail address."},
            deal={**_REF, "description": "Deal id or name."},
            account={**_REF, "description": "Account id or name."},
            when=text("When it happened or begins, as 2026-11-24T14:30; now if left out."),
            due=text("Of a task: a day as 2026-11-24."),
        ),
        plan=plan,
        apply=apply,
        undo=undo,
    )
)

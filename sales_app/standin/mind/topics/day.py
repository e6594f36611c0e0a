"""One's own day: tasks, calendar, whom to call first."""

from datetime import timedelta
from typing import Any

from sales_app.standin.mind import writing
from sales_app.standin.mind.steps import Answer, Call, Situation
from sales_app.standin.mind.topics.shared import corrected, row_limit

Json = dict[str, Any]


def about_tasks(situation: Situation) -> "list[Call] | Answer":
    reading, today = situation.reading, situation.conversation.today
    looked = situation.result_of("open_tasks")
    if looked is None:
        owner = reading.owner or (reading.name if reading.name and not reading.name.isdecimal() else None)
        return [Call("open_tasks", owner=owner or "me", limit=row_limit(reading) or 20)]
    if looked.failed:
        return corrected(situation, looked)
    rows = looked.result.get("items", [])
    overdue = [row for row in rows if row.get("due", "9999") < today.isoformat()]
    whose = (
        "You have" if looked.args.get("owner") == "me" else f"{writing.plain(looked.args.get('owner'))} has"
    )
    if reading.has("overdue"):
        rows = overdue
        if not rows:
            return Answer("No task is overdue.")
        return Answer(f"{writing.count(len(rows), 'task')} overdue:\n\n{writing.tasks(rows, today)}")
    if reading.span is not None and reading.span.last is not None:
        last = reading.span.last.isoformat()
        rows = [row for row in rows if row.get("due", "9999") <= last]
        head = f"{writing.count(len(rows), 'task')} due {reading.span.label}, overdue ones included"
    else:
        head = f"{whose} {writing.count(looked.result['total'], 'open task')}"
        head += f", {len(overdue)} of them overdue" if overdue else ""
    if not rows:
        return Answer(f"{head}.")
    return Answer(f"{head}.{writing.shown(looked.result, 'task')}\n\n{writing.tasks(rows, today)}")


def about_calendar(situation: Situation) -> "list[Call] | Answer":
    reading, today = situation.reading, situation.conversation.today
    looked = situation.result_of("calendar")
    wants_next = reading.has(r"next (?:meeting|call|appointment)")
    if looked is None:
        first, last = today, today
        if wants_next:
            last = today + timedelta(days=30 if reading.name else 14)
        elif reading.span is not None:
            first = reading.span.first or today
            last = reading.span.last or first
        elif reading.has("week"):
            last = today + timedelta(days=6 - today.weekday())
        last = min(last, first + timedelta(days=30))
        return [
            Call("calendar", day_from=first.isoformat(), day_to=None if first == last else last.isoformat())
        ]
    if looked.failed:
        return corrected(situation, looked)
    days = looked.result.get("days", [])
    if wants_next and reading.name:
        days = [
            {**day, "events": [event for event in day["events"] if _is_with(event, reading.name)]}
            for day in days
        ]
        if not any(day["events"] for day in days):
            return Answer(
                f"Your calendar holds no meeting or call with {writing.plain(reading.name)} in the next 30 days."
            )
    if wants_next:
        days = next(
            ([{**day, "events": day["events"][:1], "tasks_due": []}] for day in days if day["events"]), []
        )
        if not days:
            return Answer("No meeting or call is planned in the next two weeks.")
    return Answer(_calendar_text(days))


def _is_with(event: Json, name: str) -> bool:
    """Whether the account, the contact or somebody who attends is called that."""
    those = " ".join(str(event.get(field) or "") for field in ("account", "contact", "attendees", "subject"))
    return name.casefold() in those.casefold()


def _calendar_text(days: list[Json]) -> str:
    busy = [day for day in days if day["events"] or day["tasks_due"]]
    if not busy:
        return (
            f"Nothing is planned on {writing.weekday(days[0]['day'])}."
            if len(days) == 1
            else "Nothing is planned on these days."
        )
    parts = []
    for day in busy:
        lines = (
            [f"### {writing.weekday(day['day'])}"]
            if len(days) > 1
            else [f"**{writing.weekday(day['day'])}**"]
        )
        lines.append("")
        for event in day["events"]:
            line = f"- **{event['local_time']}** {writing.link(event, 'subject')}"
            line += f", {writing.account_link(event)}" if event.get("account") else ""
            line += (
                f", with {writing.plain(event.get('attendees') or event.get('contact'))}"
                if event.get("attendees") or event.get("contact")
                else ""
            )
            line += f" ({writing.plain(event['location'])})" if event.get("location") else ""
            lines.append(line)
        for task in day["tasks_due"]:
            where = f", {writing.account_link(task)}" if task.get("account") else ""
            lines.append(f"- due: {writing.link(task, 'subject')}{where}")
        parts.append("\n".join(lines))
    return "\n\n".join(parts)


def about_priorities(situation: Situation) -> "list[Call] | Answer":
    """Four look-ups at once, then one ranked list."""
    today = situation.conversation.today
    if situation.result_of("open_tasks") is None:
        return [
            Call("calendar", day_from=today.isoformat()),
            Call("open_tasks", owner="me", limit=10),
            Call(
                "find_deals",
                owner="me",
                open_only=True,
                close_to=(today + timedelta(days=14)).isoformat(),
                order_by="amount",
                limit=5,
            ),
            Call("quiet_accounts", days=30, limit=5),
        ]
    ranked: list[str] = []
    calendar = situation.result_of("calendar")
    tasks = situation.result_of("open_tasks")
    deals = situation.result_of("find_deals")
    quiet = situation.result_of("quiet_accounts")
    for row in (deals.result.get("items", []) if deals else [])[:3]:
        late = row.get("close_date", "9999") < today.isoformat()
        when = (
            f"its closing day, {writing.day(row['close_date'])}, has passed"
            if late
            else f"closes {writing.day(row['close_date'])}"
        )
        step = f" Next step: {writing.plain(row['next_step'], limit=90)}" if row.get("next_step") else ""
        amount = writing.money(row["amount"], row.get("currency", "USD"))
        ranked.append(f"Call {writing.account_link(row)} about {writing.link(row)} ({amount}): {when}.{step}")
    for row in (tasks.result.get("items", []) if tasks else [])[:3]:
        late = row.get("due", "9999") < today.isoformat()
        due = f", {'overdue since' if late else 'due'} {writing.day(row['due'])}" if row.get("due") else ""
        where = f" for {writing.account_link(row)}" if row.get("account") else ""
        ranked.append(f"Do {writing.link(row, 'subject')}{where}{due}.")
    for row in (quiet.result.get("items", []) if quiet else [])[:3]:
        arr = (
            f" ({writing.money(row['arr'], row.get('currency', 'USD'))} ARR)"
            if float(row.get("arr", 0))
            else ""
        )
        ranked.append(f"Call {writing.link(row)}{arr}: last activity {writing.day(row['last_activity'])}.")
    parts = []
    if ranked:
        parts.append(
            "In this order, by money and dates:\n\n"
            + "\n".join(f"{at}. {line}" for at, line in enumerate(ranked, 1))
        )
    else:
        parts.append(
            "Nothing presses: no deal of yours closes within two weeks, no task is open, no customer is quiet."
        )
    days = calendar.result.get("days", []) if calendar else []
    if any(day["events"] for day in days):
        parts.append("Today's calendar:\n\n" + _calendar_text([{**day, "tasks_due": []} for day in days]))
    return Answer("\n\n".join(parts))

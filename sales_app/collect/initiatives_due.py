"""Company initiatives whose day is near or past."""

from datetime import date, timedelta

from sales_app.collect.base import Asking, collector
from sales_app.collect.origin import of_item
from sales_app.collect.ranking import ranked, score, urgency_of
from sales_app.collect.words import count, day, short, stop
from sales_app.connectors import ask
from sales_app.facts import Action, Fact

AHEAD, BEHIND = timedelta(days=10), timedelta(days=14)


@collector("initiatives_due", "Look for initiatives that are due", kinds=("initiative_due",))
async def initiatives_due(asking: Asking) -> list[Fact]:
    reading = await ask(asking.user, "docs", "search", kind="initiative", limit=50)
    today = asking.local.date()
    facts = []
    for item in reading.items:
        due = _day(item.meta.get("due"))
        if due is None or not today - BEHIND <= due <= today + AHEAD:
            continue
        left = (due - today).days
        when = (
            f"was due {day(due, today)}"
            if left < 0
            else "is due today"
            if not left
            else f"is due {day(due, today)}"
        )
        gap = f", {count(-left, 'day')} ago" if left < 0 else f", in {count(left, 'day')}" if left else ""
        quote = short(str(item.meta.get("excerpt") or item.text), 240)
        facts.append(
            Fact(
                kind="initiative_due",
                text=f'The initiative "{short(item.title, 90)}" {when}{gap}.',
                sources=(of_item(item, reading, quote=quote),),
                # Nobody outside waits for it: half of what a customer would count.
                rank=score(expected=0, urgency=urgency_of(due, today) / 2, days=max(0, -left)),
                values={"due": due.isoformat(), "todo": stop(f'Do your part of "{short(item.title, 90)}"')},
                action=Action(label="Open the initiative", url=item.url),
            )
        )
    return ranked(facts)


def _day(written: object) -> date | None:
    try:
        return date.fromisoformat(str(written))
    except ValueError:
        return None

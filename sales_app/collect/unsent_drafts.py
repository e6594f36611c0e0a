"""Drafts in the person's mailbox that nobody has sent yet, those beyond 24 hours first."""

from datetime import timedelta

from sales_app.collect.base import Asking, collector
from sales_app.collect.book import stakes
from sales_app.collect.hours import ANSWER_WITHIN, due_at, elapsed
from sales_app.collect.origin import of_item
from sales_app.collect.ranking import SOON, TODAY, ranked, score
from sales_app.collect.words import moment, short, stop
from sales_app.connectors import ask
from sales_app.database import in_database
from sales_app.facts import Action, Fact


@collector("unsent_drafts", "Look for drafts that were not sent", kinds=("unsent_draft",))
async def unsent_drafts(asking: Asking) -> list[Fact]:
    reading = await ask(asking.user, "email", "drafts")
    drafts = [item for item in reading.items if asking.account is None or item.account == asking.account.pk]
    held = await in_database(stakes, asking.user, {item.account for item in drafts})
    today = asking.local.date()
    facts = []
    for item in drafts:
        waited = elapsed(asking.user, item.at, asking.now)
        late = waited >= ANSWER_WITHIN
        to = str(item.meta.get("to") or (item.people[-1] if item.people else "nobody"))
        stake = held.get(item.account or 0)
        limit = moment(due_at(asking.user, item.at), asking.zone, today)
        state = f"overdue since {limit}" if late else f"due {limit}"
        facts.append(
            Fact(
                kind="unsent_draft",
                text=f'Your draft "{short(item.title, 90)}" to {to} has waited to be sent since '
                f"{moment(item.at, asking.zone, today)}, {state}.",
                sources=(of_item(item, reading, quote=short(item.text, 200)),),
                rank=score(
                    expected=stake.expected if stake else 0,
                    urgency=TODAY if late else SOON,
                    days=waited / timedelta(days=1),
                ),
                values={
                    "to": to,
                    "written_at": item.at.isoformat(),
                    "late": late,
                    "todo": stop(f'Read and send the draft "{short(item.title, 90)}" to {to}'),
                },
                action=Action(label="Open the draft", url=item.url),
            )
        )
    return ranked(facts)

"""Events to which customers of the person's own book can be invited."""

from datetime import date, timedelta
from decimal import Decimal

from sales_app.collect.base import Asking, collector
from sales_app.collect.book import open_deals
from sales_app.collect.origin import of_account, of_item
from sales_app.collect.ranking import CAN_WAIT, ranked, score
from sales_app.collect.words import count, day, listed, short, stop
from sales_app.connectors import Item, ask
from sales_app.crm.models import Account
from sales_app.database import in_database
from sales_app.facts import Action, Fact

SOONEST, LATEST = timedelta(days=2), timedelta(days=45)
NAMED = 3
FITS = ("regions", "segments", "industries")


@collector("events_to_offer", "Look for events to invite customers to", kinds=("event_to_offer",))
async def events_to_offer(asking: Asking) -> list[Fact]:
    """Accounts with an open deal that fit all of the event's regions, segments and industries, as far as it names them."""
    reading = await ask(asking.user, "docs", "search", kind="event", limit=50)
    today = asking.local.date()
    coming = [
        (item, starts)
        for item in reading.items
        if (starts := _day(item)) and today + SOONEST <= starts <= today + LATEST
    ]
    accounts = await in_database(_accounts, asking) if coming else []
    facts = []
    for item, starts in coming:
        fitting = [(account, worth) for account, worth in accounts if _fits(item, account)]
        if not fitting:
            continue
        names = [account.name for account, _ in fitting[:NAMED]]
        place = str(item.meta.get("place") or "")
        where = (
            f" in {place}"
            if place and place.lower() not in {"online", "webinar"}
            else " online"
            if place
            else ""
        )
        facts.append(
            Fact(
                kind="event_to_offer",
                text=stop(
                    f'"{short(item.title, 90)}" on {day(starts, today)}{where} fits '
                    f"{count(len(fitting), 'account')} of yours with an open deal, the largest {listed(names)}"
                ),
                sources=(
                    of_item(item, reading, quote=short(str(item.meta.get("excerpt") or item.text), 240)),
                    *(of_account(account, asking.now) for account, _ in fitting[:NAMED]),
                ),
                rank=score(
                    expected=sum((worth for _, worth in fitting[:NAMED]), Decimal(0)),
                    urgency=CAN_WAIT,
                    days=0,
                ),
                values={
                    "starts": starts.isoformat(),
                    "accounts": names,
                    "fitting": len(fitting),
                    "todo": stop(
                        f'Invite {listed(names)} to "{short(item.title, 90)}" on {day(starts, today)}'
                    ),
                },
                action=Action(
                    label="Draft an invitation",
                    prompt=f'Draft an invitation to "{short(item.title, 90)}" for {names[0]}.',
                ),
            )
        )
    return ranked(facts)


def _day(item: Item) -> date | None:
    try:
        return date.fromisoformat(str(item.meta.get("starts"))[:10])
    except ValueError:
        return None


def _accounts(asking: Asking) -> list[tuple[Account, Decimal]]:
    """With what is expected of their open deals, the largest first."""
    worth: dict[int, Decimal] = {}
    found: dict[int, Account] = {}
    for deal in open_deals(asking):
        found[deal.account_id] = deal.account
        worth[deal.account_id] = worth.get(deal.account_id, Decimal(0)) + deal.amount * deal.probability / 100
    return sorted(((found[pk], worth[pk]) for pk in found), key=lambda each: (-each[1], each[0].pk))


def _fits(item: Item, account: Account) -> bool:
    traits = {
        "regions": {account.region.lower(), account.country.lower()},
        "segments": {account.segment.lower(), account.get_segment_display().lower()},
        "industries": {account.industry.lower()},
    }
    for name in FITS:
        wanted = {str(each).lower() for each in item.meta.get(name) or ()}
        if wanted and not wanted & traits[name]:
            return False
    return True

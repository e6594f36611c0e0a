"""What is on record about an account: its state, its deals, what happened last."""

from decimal import Decimal

from sales_app.collect.base import Asking, collector
from sales_app.collect.heard import when
from sales_app.collect.origin import of_account, of_activity, of_deal
from sales_app.collect.words import day, listed, money, short, stop, whole
from sales_app.crm.access import activities_for, deals_for
from sales_app.crm.models import Account, Activity, Deal
from sales_app.crm.models.deal import CLOSED_STAGES, Stage
from sales_app.database import in_database
from sales_app.facts import Action, Fact

DEALS_MOST, TOUCHES_MOST = 40, 12


@collector(
    "history",
    "Read the account's history",
    kinds=("account_state", "open_deal", "closed_deal", "touch"),
    needs=("account",),
)
async def history(asking: Asking) -> list[Fact]:
    return await in_database(_facts, asking)


def _facts(asking: Asking) -> list[Fact]:
    account = asking.account
    assert account is not None
    deals = list(
        deals_for(asking.user)
        .filter(account=account)
        .select_related("account", "owner")
        .order_by("-amount", "pk")[:DEALS_MOST]
    )
    rows = activities_for(asking.user).filter(account=account, starts_at__lte=asking.now)
    rows = rows.exclude(kind=Activity.Kind.TASK).select_related("owner", "contact")
    touches = list(rows.order_by("-starts_at", "-pk")[:TOUCHES_MOST])
    closed = [deal for deal in deals if deal.stage in CLOSED_STAGES]
    return [
        _state(account, asking),
        *(_open(deal, asking) for deal in deals if deal.is_open),
        *(
            _closed(deal, place, asking)
            for place, deal in enumerate(sorted(closed, key=_closed_on, reverse=True))
        ),
        *(_touch(each, place, asking) for place, each in enumerate(touches)),
    ]


def _closed_on(deal: Deal) -> str:
    return deal.close_date.isoformat() if deal.close_date else ""


def _state(account: Account, asking: Asking) -> Fact:
    """In the CRM's words; what is not filled in is left out here and told under what is not known."""
    words = [account.get_status_display().lower()]
    words += [account.industry.lower()] if account.industry else []
    words += [account.get_segment_display()] if account.segment else []
    words += [f"{account.employees:,} employees"] if account.employees else []
    words += [place for place in (account.country,) if place]
    words += [f"plan {account.plan}"] if account.plan else []
    words += [f"{money(account.arr, account.currency)} a year"] if account.arr > Decimal(0) else []
    words += [f"health {account.get_health_display().lower()}"] if account.health else []
    owner = f", owned by {account.owner}" if account.owner and account.owner != asking.user else ""
    return Fact(
        kind="account_state",
        text=f"{account.name} is on record as: {', '.join(words)}{owner}.",
        sources=(of_account(account, asking.now, quote=", ".join(words)),),
        rank=100.0,
        values={
            "status": account.status,
            "industry": account.industry,
            "segment": account.segment,
            "employees": account.employees,
            "country": account.country,
            "plan": account.plan,
            "arr": str(account.arr),
            "currency": account.currency,
            "health": account.health,
        },
    )


def _open(deal: Deal, asking: Asking) -> Fact:
    today = asking.local.date()
    about = asking.deal == deal
    parts = [money(deal.amount, deal.currency), f"{deal.get_stage_display()}, {deal.probability}%"]
    if deal.close_date:
        late = deal.close_date < today
        parts.append(f"{'was to close' if late else 'closes'} on {day(deal.close_date, today)}")
    parts.append(
        f"next step: {stop(short(deal.next_step, 110))[:-1]}" if deal.next_step.strip() else "no next step"
    )
    quote = f"{deal.get_stage_display()}, {money(deal.amount, deal.currency)}, next step: {deal.next_step or 'none'}"
    return Fact(
        kind="open_deal",
        text=f"Open deal {_plain(deal, asking)}: {'; '.join(parts)}.",
        sources=(of_deal(deal, asking.now, quote=quote),),
        rank=80.0 + (10.0 if about else 0.0) + min(9.0, float(deal.amount) / 1e6),
        values={
            "deal": deal.name,
            "stage": deal.stage,
            "amount": str(deal.amount),
            "currency": deal.currency,
            "probability": deal.probability,
            "close_date": deal.close_date.isoformat() if deal.close_date else "",
            "next_step": deal.next_step,
            "competitor": deal.competitor,
        },
        action=Action(label="Open the deal", url=deal.get_absolute_url()),
    )


def _closed(deal: Deal, place: int, asking: Asking) -> Fact:
    today = asking.local.date()
    won = deal.stage == Stage.WON
    closed = f" on {day(deal.close_date, today)}" if deal.close_date else ""
    why = []
    if not won and deal.lost_reason:
        why.append(f"reason on record: {deal.lost_reason}")
    if not won and deal.competitor:
        why.append(f"competitor: {deal.competitor}")
    return Fact(
        kind="closed_deal",
        text=f"{'Won' if won else 'Lost'}{closed}: {_plain(deal, asking)}, {money(deal.amount, deal.currency)}"
        f"{' (' + '; '.join(why) + ')' if why else ''}.",
        sources=(
            of_deal(
                deal, asking.now, quote=f"{deal.get_stage_display()} {money(deal.amount, deal.currency)}"
            ),
        ),
        rank=50.0 - place,
        values={
            "deal": deal.name,
            "stage": deal.stage,
            "amount": str(deal.amount),
            "currency": deal.currency,
            "lost_reason": deal.lost_reason,
            "competitor": deal.competitor,
        },
    )


def _plain(deal: Deal, asking: Asking) -> str:
    """Without the account's name, which everybody on this page knows."""
    name = deal.name.removeprefix(f"{asking.account}:").strip()
    return name or deal.name


def _touch(each: Activity, place: int, asking: Asking) -> Fact:
    words = whole(each.body, 150)
    by = f", {each.owner}" if each.owner and each.owner != asking.user else ""
    return Fact(
        kind="touch",
        text=f'{each.get_kind_display()} on {when(each.starts_at, asking)}{by}, "{short(each.subject, 80)}"{": " + stop(words) if words else "."}',
        sources=(of_activity(each, asking.now, quote=words),),
        rank=79.0 - place,
        values={
            "kind": each.kind,
            "subject": each.subject,
            "at": each.starts_at.isoformat(),
            "with": listed([each.contact.name] if each.contact else []),
        },
    )

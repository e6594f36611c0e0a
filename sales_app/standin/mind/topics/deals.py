"""Deals, and numbers over them."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from sales_app.standin.mind import writing
from sales_app.standin.mind.conversation import Done
from sales_app.standin.mind.reading import Reading
from sales_app.standin.mind.steps import Answer, Call, Situation
from sales_app.standin.mind.times import Span
from sales_app.standin.mind.topics.deal import about_deal
from sales_app.standin.mind.topics.shared import conditions_of, corrected, not_found, ref_of, row_limit

Json = dict[str, Any]


SLIPPED = r"slipped|(?:past|behind) (?:its|their|the) clos\w+(?: da(?:y|te)s?)?|overdue"


def about_deals(situation: Situation) -> "list[Call] | Answer":
    reading = situation.reading
    if reading.has(SLIPPED) and reading.span is None:
        yesterday = situation.conversation.today - timedelta(days=1)
        reading = replace(reading, span=Span(None, yesterday, "before today, still open"))
    if (
        reading.name
        and reading.has("deal", "opportunity")
        and not reading.has("deals")
        and not any((reading.stage, reading.span, reading.min_amount, reading.max_amount, reading.order))
        and "about:account" not in reading.flags
    ):
        return about_deal(situation)
    place = reading.country or reading.industry or reading.segment
    if place and not any(
        (reading.name, reading.stage, reading.min_amount, reading.max_amount, reading.competitor)
    ):
        # Deals are not found by the place of their account, but counted by it.
        return about_summary(situation)
    tried = [done for done in situation.done if done.name == "find_deals"]
    if not tried:
        return [Call("find_deals", _deal_args(reading, account=ref_of(reading)))]
    looked = tried[-1]
    if _unknown_owner(looked, reading):
        # No colleague: perhaps an account has these deals.
        again = replace(reading, owner=None)
        return [Call("find_deals", _deal_args(again, account=reading.owner))]
    if looked.error.get("code") == "not_found" and reading.name and not reading.name.isdecimal():
        # Not an account: perhaps a colleague, perhaps words of the deal's name.
        if len(tried) == 1:
            return [Call("find_deals", _deal_args(reading, owner=reading.name))]
        if len(tried) == 2:
            return [Call("find_deals", _deal_args(reading, text=reading.name))]
    if looked.failed:
        return corrected(situation, looked)
    return Answer(_deal_list(looked, reading))


def _unknown_owner(looked: Done, reading: Reading) -> bool:
    named = reading.owner not in {None, "me"} and looked.args.get("owner") == reading.owner
    return named and looked.failed and not looked.error.get("candidates")


def _deal_args(reading: Reading, **who: Any) -> Json:
    span = reading.span
    closed = reading.stage in {"won", "lost"}
    order = {
        "biggest": "amount",
        "newest": "newest",
        "stuck": "longest_in_stage",
        "likely": "probability",
        "soonest": "close_date",
    }.get(reading.order or "")
    args = {
        "stage": reading.stage,
        "owner": reading.owner,
        "close_from": span.first.isoformat() if span and span.first else None,
        "close_to": span.last.isoformat() if span and span.last else None,
        "min_amount": reading.min_amount,
        "max_amount": reading.max_amount,
        "competitor": reading.competitor,
        "open_only": None if closed or reading.has("all deals", "closed") else True,
        "order_by": order,
        "limit": row_limit(reading),
        **who,
    }
    return {name: value for name, value in args.items() if value is not None}


def _deal_list(looked: Done, reading: Reading) -> str:
    result = looked.result
    what = "open deal" if looked.args.get("open_only") else "deal"
    conditions = conditions_of(looked.args, reading)
    rows = result.get("items", [])
    if not rows:
        if "text" in looked.args and reading.name:
            return not_found(reading.name)
        return f"There is no {what} {conditions}".rstrip() + " among the records that you may see."
    of_account = bool(looked.args.get("account"))
    if of_account:
        conditions = f"at {writing.account_link(rows[0])} {conditions}".rstrip()
    text = f"**{writing.count(result['total'], what)}** {conditions}".rstrip()
    text += f", together {writing.sums(result['sums'])}." if result.get("sums") else "."
    if reading.has("average", "mean") and result.get("sums"):
        averages = [
            writing.money(float(row["amount"]) / row["count"], row["currency"]) for row in result["sums"]
        ]
        text += f" On average that is **{writing.joined(averages)}**."
    if len(rows) == 1 and result["total"] > 1:
        first = {
            "amount": "biggest",
            "newest": "newest",
            "longest_in_stage": "longest in its stage",
            "probability": "likeliest",
        }
        text += f" The {first.get(looked.args.get('order_by', ''), 'next to close')}:"
    else:
        text += writing.shown(result, what)
    return f"{text}\n\n{writing.deals(rows, of_account=of_account)}"


def about_summary(situation: Situation) -> "list[Call] | Answer":
    reading = situation.reading
    place = reading.industry or reading.country or reading.segment
    narrowed = any((reading.name, reading.min_amount, reading.max_amount, reading.competitor))
    if reading.group is None and not place:
        narrowed = narrowed or reading.owner is not None or reading.stage is not None
    if reading.stage is not None and (reading.group or place) and reading.group != "stage":
        # Sums by group are over all stages: of one stage there is the list with its total.
        narrowed = True
    if narrowed:
        return about_deals(situation)
    looked = situation.result_of("deal_summary")
    if looked is None:
        group = reading.group or (
            "country"
            if reading.country
            else "industry"
            if reading.industry
            else "segment"
            if reading.segment
            else "stage"
        )
        closed = reading.stage in {"won", "lost"} or reading.has(r"closed", r"win rate", r"all deals")
        span = reading.span
        return [
            Call(
                "deal_summary",
                group_by=group,
                open_only=not closed,
                close_from=span.first.isoformat() if span and span.first else None,
                close_to=span.last.isoformat() if span and span.last else None,
            )
        ]
    if looked.failed:
        return corrected(situation, looked)
    return Answer(_summary_text(looked, reading, place))


def _summary_text(looked: Done, reading: Reading, place: str | None) -> str:
    result = looked.result
    groups = result.get("groups", [])
    by = str(result.get("group_by", "stage"))
    if place and not reading.group:
        groups = [row for row in groups if str(row["group"]).lower() == place.lower()]
    if reading.stage and by == "stage":
        groups = [row for row in groups if row["group"] == reading.stage]
    when = f" closing {reading.span.label}" if reading.span else ""
    what = "open deal" if result.get("open_only", True) else "deal"
    if not groups:
        return f"There is no {what}{when}" + (f" in {place}" if place else "") + "."
    if len(groups) < len(result.get("groups", [])):
        number = sum(row["count"] for row in groups)
        figures = writing.joined([writing.money(row["amount"], row["currency"]) for row in groups])
        head = f"**{writing.count(number, what)}**{when} in {writing.word(groups[0]['group'])}, together {figures}."
    else:
        number = sum(row["count"] for row in result.get("sums", []))
        head = (
            f"**{writing.count(number, what)}**{when}, together **{writing.sums(result.get('sums', []))}**."
        )
    rows = [
        [
            writing.plain(
                writing.word(row["group"])
                if by in {"stage", "segment"}
                else _month(row["group"])
                if by == "month"
                else row["group"]
            ),
            f"{row['count']:,}",
            writing.money(row["amount"], row["currency"]),
            writing.money(row["weighted_amount"], row["currency"]),
        ]
        for row in groups
    ]
    table = writing.table(
        [by.capitalize(), "Deals", "Amount", "Weighted"], rows, numbers=["Deals", "Amount", "Weighted"]
    )
    return f"{head}\n\n{table}\n\nWeighted counts each deal by its probability."


def _month(text: str) -> str:
    try:
        return f"{date.fromisoformat(f'{text}-01'):%B %Y}"
    except ValueError:
        return text

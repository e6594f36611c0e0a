"""What happened, and where nothing did."""

import re
from typing import Any

from sales_app.standin.mind import times, writing
from sales_app.standin.mind.conversation import Done
from sales_app.standin.mind.steps import Answer, Call, Situation
from sales_app.standin.mind.topic import DOES
from sales_app.standin.mind.topics.contacts import about_contacts
from sales_app.standin.mind.topics.shared import conditions_of, corrected, row_limit, whole

Json = dict[str, Any]


def about_activities(situation: Situation) -> "list[Call] | Answer":
    reading = situation.reading
    span = reading.span
    mentions = re.search(
        r"mention(?:ed|s|ing)? (?:the )?(?:word )?[\"“']?([\w-]+)", reading.text, re.IGNORECASE
    )
    text = mentions[1] if mentions else None
    refs = [name for name in reading.names if name != text]
    ref = whole(refs[0]) if refs else None
    tried = [done for done in situation.done if done.name == "recent_activities"]
    if isinstance(ref, str) and reading.has(DOES) and not reading.has(r"we", r"i"):
        return _of_a_colleague(situation, ref, text, tried)
    about = "deal" if "about:deal" in reading.flags else "account"
    args: Json = {
        "text": text,
        "kind": reading.kind,
        "since": span.first.isoformat()
        if span and span.first and span.first <= situation.conversation.today
        else None,
        "owner": reading.owner if ref is None else None,
        "limit": row_limit(reading),
    }
    if not tried:
        return [
            Call(
                "recent_activities",
                {name: value for name, value in {**args, about: ref}.items() if value is not None},
            )
        ]
    looked = tried[-1]
    if looked.error.get("code") == "not_found" and isinstance(ref, str):
        if len(tried) == 1:
            args["contact"] = ref
        elif len(tried) == 2:
            args["text"] = ref
        if len(tried) <= 2:
            return [
                Call("recent_activities", {name: value for name, value in args.items() if value is not None})
            ]
    if looked.failed:
        return corrected(situation, looked)
    rows = looked.result.get("items", [])
    noun = reading.kind or "activity"
    where = conditions_of(looked.args, reading)
    of_account = bool(looked.args.get("account"))
    if rows and of_account:
        where = f"at {writing.account_link(rows[0])} {where}".rstrip()
    elif rows and looked.args.get("deal") and rows[0].get("deal"):
        where = f"on the deal {writing.plain(rows[0]['deal'])} {where}".rstrip()
    if not rows:
        return Answer(f"Nothing is recorded {where}".rstrip() + ".")
    head = f"{writing.count(looked.result['total'], noun)} {where}".rstrip()
    return Answer(
        f"{head}, the latest first.{writing.shown(looked.result, noun)}\n\n{writing.activities(rows, of_account=of_account)}"
    )


def _of_a_colleague(
    situation: Situation, name: str, text: str | None, tried: list[Done]
) -> "list[Call] | Answer":
    reading = situation.reading
    span = reading.span
    since = (
        span.first.isoformat() if span and span.first and span.first <= situation.conversation.today else None
    )
    looked = tried[-1] if tried else None
    if looked is None or (looked.failed and len(tried) == 1):
        who = {"owner": name} if looked is None else {"account": name}
        args: Json = {"text": text, "kind": reading.kind, "since": since, "limit": row_limit(reading), **who}
        return [Call("recent_activities", {key: value for key, value in args.items() if value is not None})]
    if looked.failed:
        return corrected(situation, looked)
    rows = looked.result.get("items", [])
    when = f" {span.label}" if span else ""
    if not rows:
        return Answer(
            f"Nothing of {writing.plain(name)} is recorded{when} among the records that you may see."
        )
    count = writing.count(looked.result["total"], reading.kind or "activity")
    head = f"{count} of {writing.plain(name)}{when}, the latest first."
    return Answer(f"{head}{writing.shown(looked.result, 'activity')}\n\n{writing.activities(rows)}")


def about_quiet(situation: Situation) -> "list[Call] | Answer":
    reading = situation.reading
    if (
        reading.role
        or reading.has(r"contacts", r"people", r"champions?", r"who haven'?t")
        or (reading.name and "about:" not in str(reading.flags))
    ):
        return about_contacts(situation)
    looked = situation.result_of("quiet_accounts")
    if looked is None:
        days = times.days_of_silence(reading.low, situation.conversation.today)
        return [
            Call(
                "quiet_accounts",
                days=days or 30,
                status=reading.status or ("" if reading.has("accounts", "all") else None),
                limit=row_limit(reading),
            )
        ]
    if looked.failed:
        return corrected(situation, looked)
    rows = looked.result.get("items", [])
    noun = {"customer": "customer", "prospect": "prospect", "churned": "churned account"}.get(
        looked.args.get("status", "customer"), "account"
    )
    days = looked.args.get("days", 30)
    if not rows:
        return Answer(f"No {noun} of yours was quiet for {days} days or more.")
    table = writing.table(
        ["Account", "ARR", "Last activity", "Owner"],
        [
            [
                writing.link(row),
                writing.money(row["arr"], row.get("currency", "USD")) if float(row.get("arr", 0)) else "",
                writing.day(row["last_activity"]),
                writing.plain(row.get("owner", "")),
            ]
            for row in rows
        ],
        numbers=["ARR"],
    )
    was = "was" if looked.result["total"] == 1 else "were"
    head = f"**{writing.count(looked.result['total'], noun)}** {was} quiet for {days} days or more, the largest first."
    return Answer(f"{head}{writing.shown(looked.result, noun)}\n\n{table}")

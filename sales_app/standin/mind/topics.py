"""What is looked up for each topic, and what is said about it. Every number comes from a tool result."""

import re
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

from sales_app.standin.mind import times, writing
from sales_app.standin.mind.conversation import Done
from sales_app.standin.mind.reading import Reading
from sales_app.standin.mind.steps import Answer, Call, Situation
from sales_app.standin.mind.topic import topic_of

Json = dict[str, Any]
Decided = "list[Call] | Answer"

CAN_DO = """- **accounts**: "Which customers in Germany are at risk?", "Tell me about *a name*"
- **deals**: "Which deals close this month?", "Pipeline by stage", "Deals over 50k in negotiation"
- **people**: "Who are the contacts at *a name*?", "Champions I have not contacted for 30 days"
- **what happened**: "Recent activities of *a name*", "Notes that mention *a word*"
- **your day**: "What is on my calendar today?", "My open tasks", "Who should I call?\""""

NOTE = "I am the stand-in model: I answer from your records by rules, until a key for Claude is set."


def answer(situation: Situation) -> "list[Call] | Answer":
    topic = topic_of(situation.reading)
    if topic is None:
        return Answer(
            "I could not read that question. As the stand-in model I know these kinds:\n\n"
            f"{CAN_DO}\n\nPut it in such words, and name the account or deal as it is written there."
        )
    return TOPICS[topic](situation)


# Without a look-up.


def _greeting(situation: Situation) -> "list[Call] | Answer":
    first = situation.conversation.user.split(" ")[0]
    hello = f"Hello {writing.plain(first)}." if first and "@" not in first else "Hello."
    return Answer(f"{hello} {NOTE} You can ask about:\n\n{CAN_DO}")


def _thanks(situation: Situation) -> "list[Call] | Answer":
    return Answer("You are welcome. Ask when you need the next thing.")


def _help(situation: Situation) -> "list[Call] | Answer":
    return Answer(f"{NOTE} I read what you may read, and change nothing. You can ask about:\n\n{CAN_DO}")


# One record.


def _record(situation: Situation) -> "list[Call] | Answer":
    reading = situation.reading
    if "about:deal" in reading.flags or (
        "about:account" not in reading.flags and reading.has("deal", "opportunity")
    ):
        return _deal(situation)
    if not reading.name:
        return Answer("Which account do you mean? Give its name as it is written in the list of accounts.")
    looked = situation.result_of("get_account")
    if looked is None:
        return [Call("get_account", ref=_ref(reading))]
    if not looked.failed:
        return Answer(_which(looked, "account") or _account_text(looked.result))
    people = situation.result_of("find_contacts")
    if people is None:
        return [
            Call("find_contacts", text=reading.name, limit=5),
            Call("find_deals", text=reading.name, limit=5),
        ]
    found = _list(people, writing.contacts, "contact", f'matching "{writing.plain(reading.name)}"')
    deals = situation.result_of("find_deals")
    if people.result.get("total"):
        return Answer(found)
    if deals is not None and deals.result.get("total"):
        return Answer(_list(deals, writing.deals, "deal", f'matching "{writing.plain(reading.name)}"'))
    return Answer(_not_found(reading.name))


def _account_text(row: Json) -> str:
    facts = [
        writing.word(row.get("status")),
        writing.word(row.get("segment")),
        writing.plain(row.get("industry", "")),
        writing.plain(row.get("country", "")),
        f"{row['employees']:,} employees" if row.get("employees") else "",
        f"plan {writing.plain(row['plan'])}" if row.get("plan") else "",
        f"ARR {writing.money(row['arr'], row.get('currency', 'USD'))}" if float(row.get("arr", 0)) else "",
        f"health: {writing.word(row['health']).lower()}" if row.get("health") else "",
        f"owner {writing.plain(row['owner'])}" if row.get("owner") else "",
    ]
    parts = [f"**{writing.link(row)}** – " + ", ".join(fact for fact in facts if fact) + "."]
    if row.get("next_step"):
        parts.append(f"**Next step:** {writing.plain(row['next_step'])}")
    parts += [
        _section("Open deals", row.get("open_deals"), lambda rows: writing.deals(rows, of_account=True)),
        _section(
            "Planned",
            row.get("planned_activities"),
            lambda rows: writing.activities(rows[:4], of_account=True),
        ),
        _section("People", row.get("contacts"), lambda rows: writing.contacts(rows, of_account=True)),
        _section(
            "Latest", row.get("recent_activities"), lambda rows: writing.activities(rows[:4], of_account=True)
        ),
    ]
    if not (row.get("open_deals") or {}).get("total"):
        closed = (row.get("closed_deals") or {}).get("total", 0)
        parts.insert(2, "No deal is open" + (f"; {writing.count(closed, 'closed one')}." if closed else "."))
    return "\n\n".join(part for part in parts if part)


def _section(title: str, listed: Json | None, write: Callable[[list[Json]], str]) -> str:
    if not listed or not listed.get("items"):
        return ""
    total = listed.get("total", len(listed["items"]))
    return f"### {title} ({total})\n\n{write(listed['items'])}"


def _deal(situation: Situation) -> "list[Call] | Answer":
    reading = situation.reading
    if not reading.name:
        return _deals(situation)
    looked = situation.result_of("get_deal")
    if looked is None:
        return [Call("get_deal", ref=_ref(reading))]
    if looked.failed:
        if situation.result_of("find_deals") is None:
            return [Call("find_deals", text=reading.name, limit=10)]
        found = situation.result_of("find_deals")
        if found is not None and found.result.get("total"):
            return Answer(_list(found, writing.deals, "deal", f'matching "{writing.plain(reading.name)}"'))
        return Answer(_not_found(reading.name))
    return Answer(_which(looked, "deal") or _deal_text(looked.result))


def _deal_text(row: Json) -> str:
    facts = [
        writing.account_link(row),
        writing.stage(row.get("stage", ""))
        + (f" since {writing.day(row['in_stage_since'])}" if row.get("in_stage_since") else ""),
        writing.money(row["amount"], row.get("currency", "USD")),
        f"{row['probability_percent']} %" if row.get("probability_percent") is not None else "",
        f"closes {writing.day(row['close_date'])}" if row.get("close_date") else "",
        f"owner {writing.plain(row['owner'])}" if row.get("owner") else "",
        f"against {writing.plain(row['competitor'])}" if row.get("competitor") else "",
    ]
    parts = [f"**{writing.link(row)}** – " + ", ".join(fact for fact in facts if fact) + "."]
    if row.get("next_step"):
        parts.append(f"**Next step:** {writing.plain(row['next_step'])}")
    if row.get("lost_reason"):
        parts.append(f"**Lost because:** {writing.plain(row['lost_reason'])}")
    parts += [
        _section("People", row.get("contacts"), lambda rows: writing.contacts(rows, of_account=True)),
        _section(
            "Activities", row.get("activities"), lambda rows: writing.activities(rows[:5], of_account=True)
        ),
    ]
    return "\n\n".join(part for part in parts if part)


def _preparing(situation: Situation) -> "list[Call] | Answer":
    """One page before a call: the account, what was said last, what is open."""
    reading = situation.reading
    if "about:deal" in reading.flags:
        return _deal(situation)
    looked = situation.result_of("get_account")
    if looked is None:
        return [Call("get_account", ref=_ref(reading))]
    if looked.failed or "candidates" in looked.result:
        return _record(situation)
    notes = situation.result_of("recent_activities")
    if notes is None:
        return [Call("recent_activities", account=looked.result["id"], limit=8)]
    text = _account_text({**looked.result, "recent_activities": None})
    said = _section(
        "What was said last", notes.result, lambda rows: writing.activities(rows, of_account=True)
    )
    return Answer("\n\n".join(part for part in (text, said) if part))


# Lists.


def _accounts(situation: Situation) -> "list[Call] | Answer":
    reading = situation.reading
    if reading.has(r"no next steps?", r"without (?:a |any )?next steps?"):
        return Answer(
            "I cannot search by what is missing. Ask for the accounts, or for the customers that were quiet."
        )
    looked = situation.result_of("find_accounts")
    if looked is None:
        by_arr = reading.order == "biggest" and not reading.has("employees", "headcount")
        order = {"newest": "newest", "oldest": "oldest", "employees": "employees"}.get(
            reading.order or "", "arr" if by_arr else None
        )
        if reading.order == "biggest" and reading.has("employees", "headcount", "people"):
            order = "employees"
        return [
            Call(
                "find_accounts",
                text=reading.name,
                industry=reading.industry,
                segment=reading.segment,
                country=reading.country,
                status=reading.status,
                owner=reading.owner,
                health=reading.health,
                order_by=order,
                limit=_rows(reading),
            )
        ]
    if looked.failed:
        return _corrected(situation, looked)
    status = str(looked.args.get("status"))
    noun = {"customer": "customer", "prospect": "prospect", "churned": "churned account"}.get(
        status, "account"
    )
    segment = {"smb": "SMB ", "mid": "mid-market ", "enterprise": "enterprise "}.get(
        looked.args.get("segment", ""), ""
    )
    rest = {name: value for name, value in looked.args.items() if name not in {"status", "segment"}}
    return Answer(_list(looked, writing.accounts, f"{segment}{noun}", _conditions(rest)))


def _contacts(situation: Situation) -> "list[Call] | Answer":
    reading = situation.reading
    if "about:deal" in reading.flags:
        looked = situation.result_of("get_deal")
        if looked is None:
            return [Call("get_deal", ref=_ref(reading))]
        if not looked.failed and "contacts" in looked.result:
            people = looked.result["contacts"]
            head = f"{writing.count(people['total'], 'contact')} at {writing.account_link(looked.result)}:"
            return Answer(f"{head}\n\n{writing.contacts(people['items'], of_account=True)}")
        return Answer(_which(looked, "deal") or _not_found(reading.name or ""))
    since = None
    if _is_about_silence(reading):
        days = times.days_of_silence(reading.low, situation.conversation.today) or 30
        since = (situation.conversation.today - timedelta(days=days)).isoformat()
    tried = [done for done in situation.done if done.name == "find_contacts"]
    by_person = (
        reading.name is not None and "about:account" not in reading.flags and _asks_for_a_person(reading)
    )
    if not tried:
        return [
            Call(
                "find_contacts",
                text=reading.name if by_person else _job(reading),
                account=None if by_person else _ref(reading),
                role=reading.role,
                not_contacted_since=since,
                limit=_rows(reading),
            )
        ]
    looked = tried[-1]
    missed = looked.error.get("code") == "not_found" or (not looked.failed and not looked.result.get("total"))
    if missed and reading.name and len(tried) == 1 and not reading.name.isdecimal():
        other = None if by_person else reading.name
        return [
            Call(
                "find_contacts",
                text=other,
                account=reading.name if by_person else None,
                role=reading.role,
                not_contacted_since=since,
                limit=_rows(reading),
            )
        ]
    if looked.failed:
        return _corrected(situation, looked)
    if missed and reading.role and reading.name:
        return Answer(
            f"Nobody there has the role {writing.role(reading.role).lower()}. Ask for all contacts of the account."
        )
    named = looked.args.get("account")
    rows = looked.result.get("items", [])
    where = f"at {writing.account_link(rows[0])}" if named and rows else _conditions(looked.args)
    return Answer(
        _list(looked, lambda found: writing.contacts(found, of_account=bool(named)), "contact", where)
    )


JOB = re.compile(
    r"\b(?:the|a|an|their|its|his|her) ((?:[\w-]+ )?(?:ceo|cfo|cto|cio|coo|director|manager|controller|counsel|bookkeeper|architect))\b"
)


def _job(reading: Reading) -> str | None:
    """The title that is asked for, as in "the IT director at …"."""
    match = JOB.search(reading.low)
    return match[1] if match else None


def _asks_for_a_person(reading: Reading) -> bool:
    return (
        _job(reading) is None
        and reading.has(
            r"who(?:'s| is)",
            r"e-?mail(?: address)? (?:of|for)",
            r"(?:phone )?number (?:of|for)",
            r"reach",
            r"phone (?:of|for)",
        )
        and not reading.has(r"who is (?:the|our|my)", r"contacts?", r"people")
    )


def _is_about_silence(reading: Reading) -> bool:
    return reading.has(
        r"not",
        r"haven'?t",
        r"hasn'?t",
        r"never",
        r"without",
        r"no (?:contact|activity)",
        r"quiet",
        r"silent",
        r"cold",
    )


def _deals(situation: Situation) -> "list[Call] | Answer":
    reading = situation.reading
    if (
        reading.name
        and reading.has("deal", "opportunity")
        and not reading.has("deals")
        and not any((reading.stage, reading.span, reading.min_amount, reading.max_amount, reading.order))
        and "about:account" not in reading.flags
    ):
        return _deal(situation)
    place = reading.country or reading.industry or reading.segment
    if place and not any(
        (reading.name, reading.stage, reading.min_amount, reading.max_amount, reading.competitor)
    ):
        # Deals are not found by the place of their account, but counted by it.
        return _summary(situation)
    tried = [done for done in situation.done if done.name == "find_deals"]
    if not tried:
        return [Call("find_deals", _deal_args(reading, account=_ref(reading)))]
    looked = tried[-1]
    if looked.error.get("code") == "not_found" and reading.name and not reading.name.isdecimal():
        # Not an account: perhaps a colleague, perhaps words of the deal's name.
        if len(tried) == 1:
            return [Call("find_deals", _deal_args(reading, owner=reading.name))]
        if len(tried) == 2:
            return [Call("find_deals", _deal_args(reading, text=reading.name))]
    if looked.failed:
        return _corrected(situation, looked)
    return Answer(_deal_list(looked, reading))


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
        "limit": _rows(reading),
        **who,
    }
    return {name: value for name, value in args.items() if value is not None}


def _deal_list(looked: Done, reading: Reading) -> str:
    result = looked.result
    what = "open deal" if looked.args.get("open_only") else "deal"
    conditions = _conditions(looked.args, reading)
    rows = result.get("items", [])
    if not rows:
        if "text" in looked.args and reading.name:
            return _not_found(reading.name)
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


def _summary(situation: Situation) -> "list[Call] | Answer":
    reading = situation.reading
    place = reading.industry or reading.country or reading.segment
    narrowed = any((reading.name, reading.min_amount, reading.max_amount, reading.competitor))
    if reading.group is None and not place:
        narrowed = narrowed or reading.owner is not None or reading.stage is not None
    if reading.stage is not None and (reading.group or place) and reading.group != "stage":
        # Sums by group are over all stages: of one stage there is the list with its total.
        narrowed = True
    if narrowed:
        return _deals(situation)
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
        return _corrected(situation, looked)
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


def _activities(situation: Situation) -> "list[Call] | Answer":
    reading = situation.reading
    span = reading.span
    mentions = re.search(
        r"mention(?:ed|s|ing)? (?:the )?(?:word )?[\"“']?([\w-]+)", reading.text, re.IGNORECASE
    )
    text = mentions[1] if mentions else None
    refs = [name for name in reading.names if name != text]
    ref = _whole(refs[0]) if refs else None
    tried = [done for done in situation.done if done.name == "recent_activities"]
    about = "deal" if "about:deal" in reading.flags else "account"
    args: Json = {
        "text": text,
        "kind": reading.kind,
        "since": span.first.isoformat()
        if span and span.first and span.first <= situation.conversation.today
        else None,
        "owner": reading.owner if ref is None else None,
        "limit": _rows(reading),
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
        return _corrected(situation, looked)
    rows = looked.result.get("items", [])
    noun = reading.kind or "activity"
    where = _conditions(looked.args, reading)
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


def _quiet(situation: Situation) -> "list[Call] | Answer":
    reading = situation.reading
    if (
        reading.role
        or reading.has(r"contacts", r"people", r"champions?", r"who haven'?t")
        or (reading.name and "about:" not in str(reading.flags))
    ):
        return _contacts(situation)
    looked = situation.result_of("quiet_accounts")
    if looked is None:
        days = times.days_of_silence(reading.low, situation.conversation.today)
        return [
            Call(
                "quiet_accounts",
                days=days or 30,
                status=reading.status or ("" if reading.has("accounts", "all") else None),
                limit=_rows(reading),
            )
        ]
    if looked.failed:
        return _corrected(situation, looked)
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


def _tasks(situation: Situation) -> "list[Call] | Answer":
    reading, today = situation.reading, situation.conversation.today
    looked = situation.result_of("open_tasks")
    if looked is None:
        owner = reading.owner or (reading.name if reading.name and not reading.name.isdecimal() else None)
        return [Call("open_tasks", owner=owner or "me", limit=_rows(reading) or 20)]
    if looked.failed:
        return _corrected(situation, looked)
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


def _calendar(situation: Situation) -> "list[Call] | Answer":
    reading, today = situation.reading, situation.conversation.today
    looked = situation.result_of("calendar")
    wants_next = reading.has(r"next (?:meeting|call|appointment)")
    if looked is None:
        first, last = today, today
        if wants_next:
            last = today + timedelta(days=14)
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
        return _corrected(situation, looked)
    days = looked.result.get("days", [])
    if wants_next:
        days = next(
            ([{**day, "events": day["events"][:1], "tasks_due": []}] for day in days if day["events"]), []
        )
        if not days:
            return Answer("No meeting or call is planned in the next two weeks.")
    return Answer(_calendar_text(days))


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


def _priorities(situation: Situation) -> "list[Call] | Answer":
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


# Shared.


def _ref(reading: Reading) -> str | int | None:
    return _whole(reading.name) if reading.name else None


def _whole(name: str) -> str | int:
    return int(name) if name.isdecimal() else name


def _rows(reading: Reading) -> int | None:
    if reading.limit is not None:
        return reading.limit
    if reading.order == "biggest" and reading.has(
        r"(?:biggest|largest|most valuable) (?:open )?(?:deal|account|customer|company|opportunity)"
    ):
        return 1
    return 50 if reading.has("all of them", "every single") else None


def _list(looked: Done, write: Callable[[list[Json]], str], noun: str, conditions: str) -> str:
    rows = looked.result.get("items", [])
    if not rows:
        return f"There is no {noun} {conditions}".rstrip() + " among the records that you may see."
    head = f"**{writing.count(looked.result['total'], noun)}** {conditions}".rstrip()
    return f"{head}.{writing.shown(looked.result, noun)}\n\n{write(rows)}"


def _conditions(args: Json, reading: Reading | None = None) -> str:
    """What was asked for, read from the arguments that the tool got."""
    parts = []
    if args.get("stage"):
        closed = args["stage"] in {"won", "lost"}
        parts.append(args["stage"] if closed else f"in {args['stage']}")
    if args.get("segment"):
        parts.append(f"of the segment {writing.word(args['segment'])}")
    if args.get("status"):
        parts.append(f"with the status {args['status']}")
    if args.get("health"):
        healths = {"at_risk": "at risk", "good": "in good health", "watch": "to watch"}
        parts.append(healths.get(args["health"], f"with the health {writing.word(args['health']).lower()}"))
    if args.get("industry"):
        parts.append(f"in {writing.plain(args['industry']).lower()}")
    if args.get("country"):
        parts.append(f"in {writing.plain(args['country'])}")
    if args.get("role"):
        parts.append(f"with the role {writing.role(args['role']).lower()}")
    if args.get("owner"):
        parts.append("of yours" if args["owner"] == "me" else f"of {writing.plain(args['owner'])}")
    if args.get("text"):
        parts.append(f'matching "{writing.plain(args["text"])}"')
    if args.get("competitor"):
        parts.append(f"against {writing.plain(args['competitor'])}")
    if args.get("not_contacted_since"):
        parts.append(f"not contacted since {writing.day(args['not_contacted_since'])}")
    if args.get("min_amount") is not None and args.get("max_amount") is not None:
        parts.append(f"between {args['min_amount']:,.0f} and {args['max_amount']:,.0f}")
    elif args.get("min_amount") is not None:
        parts.append(f"of {args['min_amount']:,.0f} or more")
    elif args.get("max_amount") is not None:
        parts.append(f"of {args['max_amount']:,.0f} or less")
    if reading is not None and reading.span is not None:
        closes = "close_from" in args or "close_to" in args
        if closes or "since" in args:
            verb = "closing " if closes and args.get("stage") not in {"won", "lost"} else ""
            parts.append(f"{verb}{reading.span.label}")
    return " ".join(parts)


def _which(looked: Done, noun: str) -> str:
    """The question back when several fit; empty when one was found."""
    candidates = looked.result.get("candidates") or looked.error.get("candidates")
    if not candidates:
        return ""
    lines = []
    for at, row in enumerate(candidates, 1):
        facts = [
            row.get("email"),
            row.get("title"),
            row.get("industry"),
            row.get("country"),
            row.get("account"),
            row.get("owner"),
        ]
        shown = ", ".join(writing.plain(fact) for fact in facts if fact)
        lines.append(f"{at}. {writing.link(row)}" + (f" – {shown}" if shown else ""))
    return f"Several {noun}s fit. Which one do you mean?\n\n" + "\n".join(lines)


def _not_found(name: str) -> str:
    return (
        f'I find no account, person or deal called "{writing.plain(name)}" among the records that you may see. '
        "Check the spelling, or ask for a list, for example of your accounts."
    )


def _corrected(situation: Situation, looked: Done) -> "list[Call] | Answer":
    """What to do about a refused call: drop a value that does not exist, once, else say what there is."""
    which = _which(looked, "record")
    if which:
        return Answer(which)
    message = str(looked.error.get("message", "")) or "The look-up failed."
    if looked.error.get("code") == "not_found" and situation.reading.name:
        return Answer(_not_found(situation.reading.name))
    return Answer(f"I find nothing for that. {writing.plain(message, limit=600)}")


TOPICS: dict[str, Callable[[Situation], "list[Call] | Answer"]] = {
    "greeting": _greeting,
    "thanks": _thanks,
    "help": _help,
    "record": _record,
    "preparing": _preparing,
    "accounts": _accounts,
    "contacts": _contacts,
    "deals": _deals,
    "summary": _summary,
    "activities": _activities,
    "quiet": _quiet,
    "tasks": _tasks,
    "calendar": _calendar,
    "priorities": _priorities,
}

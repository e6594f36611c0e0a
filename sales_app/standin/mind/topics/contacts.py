"""People at accounts."""

import re
from datetime import timedelta

from sales_app.standin.mind import times, writing
from sales_app.standin.mind.reading import Reading
from sales_app.standin.mind.steps import Answer, Call, Situation
from sales_app.standin.mind.topics.shared import (
    conditions_of,
    corrected,
    listed,
    not_found,
    ref_of,
    row_limit,
    which_one,
)


def about_contacts(situation: Situation) -> "list[Call] | Answer":
    reading = situation.reading
    if "about:deal" in reading.flags:
        looked = situation.result_of("get_deal")
        if looked is None:
            return [Call("get_deal", ref=ref_of(reading))]
        if not looked.failed and "contacts" in looked.result:
            people = looked.result["contacts"]
            head = f"{writing.count(people['total'], 'contact')} at {writing.account_link(looked.result)}:"
            return Answer(f"{head}\n\n{writing.contacts(people['items'], of_account=True)}")
        return Answer(which_one(looked, "deal") or not_found(reading.name or ""))
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
                account=None if by_person else ref_of(reading),
                role=reading.role,
                not_contacted_since=since,
                limit=row_limit(reading),
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
                limit=row_limit(reading),
            )
        ]
    if looked.failed:
        return corrected(situation, looked)
    if missed and reading.role and reading.name:
        return Answer(
            f"Nobody there has the role {writing.role(reading.role).lower()}. Ask for all contacts of the account."
        )
    named = looked.args.get("account")
    rows = looked.result.get("items", [])
    where = f"at {writing.account_link(rows[0])}" if named and rows else conditions_of(looked.args)
    return Answer(
        listed(looked, lambda found: writing.contacts(found, of_account=bool(named)), "contact", where)
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

"""One account, person or deal by name, and the page before a call."""

from typing import Any

from sales_app.standin.mind import writing
from sales_app.standin.mind.steps import Answer, Call, Situation
from sales_app.standin.mind.topics.deal import about_deal
from sales_app.standin.mind.topics.deals import about_deals
from sales_app.standin.mind.topics.shared import listed, not_found, ref_of, section, which_one

Json = dict[str, Any]


def about_record(situation: Situation) -> "list[Call] | Answer":
    reading = situation.reading
    if "about:deal" in reading.flags or (
        "about:account" not in reading.flags and reading.has("deal", "opportunity")
    ):
        return about_deal(situation) if reading.name else about_deals(situation)
    if not reading.name:
        return Answer("Which account do you mean? Give its name as it is written in the list of accounts.")
    looked = situation.result_of("get_account")
    if looked is None:
        return [Call("get_account", ref=ref_of(reading))]
    if not looked.failed:
        return Answer(which_one(looked, "account") or _account_text(looked.result))
    people = situation.result_of("find_contacts")
    if people is None:
        return [
            Call("find_contacts", text=reading.name, limit=5),
            Call("find_deals", text=reading.name, limit=5),
        ]
    found = listed(people, writing.contacts, "contact", f'matching "{writing.plain(reading.name)}"')
    deals = situation.result_of("find_deals")
    if people.result.get("total"):
        return Answer(found)
    if deals is not None and deals.result.get("total"):
        return Answer(listed(deals, writing.deals, "deal", f'matching "{writing.plain(reading.name)}"'))
    return Answer(not_found(reading.name))


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
        section("Open deals", row.get("open_deals"), lambda rows: writing.deals(rows, of_account=True)),
        section(
            "Planned",
            row.get("planned_activities"),
            lambda rows: writing.activities(rows[:4], of_account=True),
        ),
        section("People", row.get("contacts"), lambda rows: writing.contacts(rows, of_account=True)),
        section(
            "Latest", row.get("recent_activities"), lambda rows: writing.activities(rows[:4], of_account=True)
        ),
    ]
    if not (row.get("open_deals") or {}).get("total"):
        closed = (row.get("closed_deals") or {}).get("total", 0)
        parts.insert(2, "No deal is open" + (f"; {writing.count(closed, 'closed one')}." if closed else "."))
    return "\n\n".join(part for part in parts if part)


def about_preparing(situation: Situation) -> "list[Call] | Answer":
    """One page before a call: the account, what was said last, what is open."""
    reading = situation.reading
    if "about:deal" in reading.flags:
        return about_deal(situation)
    looked = situation.result_of("get_account")
    if looked is None:
        return [Call("get_account", ref=ref_of(reading))]
    if looked.failed or "candidates" in looked.result:
        return about_record(situation)
    notes = situation.result_of("recent_activities")
    if notes is None:
        return [Call("recent_activities", account=looked.result["id"], limit=8)]
    text = _account_text({**looked.result, "recent_activities": None})
    said = section("What was said last", notes.result, lambda rows: writing.activities(rows, of_account=True))
    return Answer("\n\n".join(part for part in (text, said) if part))

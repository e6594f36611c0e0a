"""One deal."""

from typing import Any

from sales_app.standin.mind import writing
from sales_app.standin.mind.steps import Answer, Call, Situation
from sales_app.standin.mind.topics.shared import listed, not_found, ref_of, section, which_one

Json = dict[str, Any]


def about_deal(situation: Situation) -> "list[Call] | Answer":
    reading = situation.reading
    assert reading.name
    looked = situation.result_of("get_deal")
    if looked is None:
        return [Call("get_deal", ref=ref_of(reading))]
    if looked.failed:
        if situation.result_of("find_deals") is None:
            return [Call("find_deals", text=reading.name, limit=10)]
        found = situation.result_of("find_deals")
        if found is not None and found.result.get("total"):
            return Answer(listed(found, writing.deals, "deal", f'matching "{writing.plain(reading.name)}"'))
        return Answer(not_found(reading.name))
    return Answer(which_one(looked, "deal") or _deal_text(looked.result))


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
        section("People", row.get("contacts"), lambda rows: writing.contacts(rows, of_account=True)),
        section(
            "Activities", row.get("activities"), lambda rows: writing.activities(rows[:5], of_account=True)
        ),
    ]
    return "\n\n".join(part for part in parts if part)

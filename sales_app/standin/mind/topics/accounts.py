"""Accounts."""

from sales_app.standin.mind import writing
from sales_app.standin.mind.steps import Answer, Call, Situation
from sales_app.standin.mind.topics.shared import conditions_of, corrected, listed, row_limit


def about_accounts(situation: Situation) -> "list[Call] | Answer":
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
                limit=row_limit(reading),
            )
        ]
    if looked.failed:
        return corrected(situation, looked)
    status = str(looked.args.get("status"))
    noun = {"customer": "customer", "prospect": "prospect", "churned": "churned account"}.get(
        status, "account"
    )
    segment = {"smb": "SMB ", "mid": "mid-market ", "enterprise": "enterprise "}.get(
        looked.args.get("segment", ""), ""
    )
    rest = {name: value for name, value in looked.args.items() if name not in {"status", "segment"}}
    ordered = {
        "arr": "the largest by ARR first",
        "employees": "those with most employees first",
        "newest": "the newest first",
        "oldest": "the oldest first",
    }.get(looked.args.get("order_by", ""), "")
    conditions = conditions_of(rest)
    if ordered and looked.result.get("total", 0) > 1:
        conditions = f"{conditions}, {ordered}".removeprefix(", ")
    return Answer(listed(looked, writing.accounts, f"{segment}{noun}", conditions))

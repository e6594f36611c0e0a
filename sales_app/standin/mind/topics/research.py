"""One question about several accounts: "Research Acme, Globex and Initech: what happened lately?" """

import re
from typing import Any

from sales_app.standin.mind import words, writing
from sales_app.standin.mind.steps import Answer, Call, Situation

WISH = re.compile(
    r"\s*(?:please |can you |could you )?(?:research|look into|compare)\s+(?P<names>[^:?]+):\s*(?P<question>.+)",
    re.IGNORECASE | re.DOTALL,
)


# Several accounts without a question: each is told of, or prepared for.
SEVERAL = re.compile(
    r"\s*(?:please |can you |could you )?(?:(?P<compare>compare)|(?P<prepare>prep(?:are)?(?: me)?(?: for)?(?: the| my)? (?:calls|meetings)(?: with| at)?"
    r"|brief me (?:on|for|about))|(?:research|look into))\s+(?P<names>[^:?]+?)(?: please)?[.?!]?\s*",
    re.IGNORECASE | re.DOTALL,
)
ABOUT_EACH = "Tell me about it"
BEFORE_EACH = "Prepare me for a call about it"
OURS = {"us", "ourselves", "our product", "our price", "our prices"}


def research_in(question: str) -> tuple[list[str], str] | None:
    """Names as they were written, and what is asked about each; None when the words ask for something else."""
    found = WISH.fullmatch(question)
    if found is not None:
        return _names_in(found["names"]), found["question"].strip()
    found = SEVERAL.fullmatch(question)
    if found is None:
        return None
    names = _names_in(found["names"])
    if len(names) < 2 or any(name.lower() in OURS for name in names) or not all(map(_is_name, names)):
        return None
    return names, BEFORE_EACH if found["prepare"] else ABOUT_EACH


def _names_in(said: str) -> list[str]:
    return [name.strip() for name in re.split(r",(?: and )?| and |;", said) if name.strip()]


def _is_name(said: str) -> bool:
    """A few words that are not all common ones: "win rates and prices" names no account."""
    found = said.lower().split()
    return len(found) <= 6 and any(word.strip(".'") not in words.COMMON for word in found)


def about_research(situation: Situation, names: list[str], question: str) -> "list[Call] | Answer":
    done = situation.result_of("research_accounts")
    if done is None:
        return [Call("research_accounts", accounts=names, question=question)]
    if done.failed or "answers" not in done.result:
        return Answer(_not_asked(done.error))
    return Answer("\n\n".join(_found(each) for each in done.result["answers"]))


def _not_asked(error: dict[str, Any]) -> str:
    """Why none was looked into, with whom else may be meant."""
    said = writing.plain(error.get("message") or "That could not be looked into.", limit=600)
    rows = [
        f"- {writing.link(row)}" + (f", {writing.plain(row['industry'])}" if row.get("industry") else "")
        for row in error.get("candidates") or []
    ]
    return (
        "\n".join([said, "", *rows, "", "Ask again with the names as they are written there."])
        if rows
        else said
    )


def _found(each: dict[str, str]) -> str:
    heading = f"**[{each['name']}]({each['url']})**"
    if "state" in each:
        return f"{heading}: the researcher {each['state']}. {each['why']}".rstrip()
    return f"{heading}\n\n{each['answer']}"

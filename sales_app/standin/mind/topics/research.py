"""One question about several accounts: "Research Acme, Globex and Initech: what happened lately?" """

import re

from sales_app.standin.mind.steps import Answer, Call, Situation

WISH = re.compile(
    r"\s*(?:please |can you |could you )?(?:research|look into|compare)\s+(?P<names>[^:?]+):\s*(?P<question>.+)",
    re.IGNORECASE | re.DOTALL,
)


def research_in(question: str) -> tuple[list[str], str] | None:
    """Names as they were written, and what is asked about each; None when the words ask for something else."""
    found = WISH.fullmatch(question)
    if found is None:
        return None
    names = [name.strip() for name in re.split(r",| and |;", found["names"]) if name.strip()]
    return names, found["question"].strip()


def about_research(situation: Situation, names: list[str], question: str) -> "list[Call] | Answer":
    done = situation.result_of("research_accounts")
    if done is None:
        return [Call("research_accounts", accounts=names, question=question)]
    if done.failed:
        return Answer(str(done.error.get("message", "That could not be looked into.")))
    return Answer("\n\n".join(_found(each) for each in done.result["answers"]))


def _found(each: dict[str, str]) -> str:
    heading = f"**[{each['name']}]({each['url']})**"
    if "state" in each:
        return f"{heading}: the researcher {each['state']}. {each['why']}".rstrip()
    return f"{heading}\n\n{each['answer']}"

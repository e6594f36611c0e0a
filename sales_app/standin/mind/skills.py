"""When a question asks for what a skill does, and how the stand-in asks for it. Only skills that are offered are used."""

import re
from typing import Any

from sales_app.standin.mind import writing
from sales_app.standin.mind.conversation import Conversation, Done, Exchange
from sales_app.standin.mind.reading import Reading, read
from sales_app.standin.mind.steps import Answer, Call, Situation

Json = dict[str, Any]
USE = "use_skill"

_ASSET = (
    r"one[- ]?pagers?|landing[- ]?pages?|(?:slide |pitch )?decks?|slides|presentations?|roi[- ]?calculators?|proposals?|"
    r"workflow demos?|assets?|leave[- ]behinds?"
)
# The first that fits decides; a skill that is not offered is passed over.
ASKED: tuple[tuple[str, tuple[str, ...]], ...] = (
    (
        "competitive-intel",
        (
            r"battle ?-?cards?",
            r"competitive (?:intel\w*|analysis|landscape)",
            r"how (?:do|can|should|would) (?:we|i) (?:beat|win against|compete (?:with|against)|position against)",
            r"(?:compare|position) us (?:with|to|against)",
        ),
    ),
    (
        "create-asset",
        (
            rf"(?:make|create|build|write|draft|prepare|generate|design|produce|need|want|give)\b[^.?!]{{0,30}}\b(?:{_ASSET})",
            rf"(?:{_ASSET})\s+for\b",
        ),
    ),
    (
        "customer-follow-up",
        (
            r"what (?:did|have|do|had) (?:we|i) (?:promised?|owed?|committed?)\b",
            r"(?:action items?|commitments?|promises)\b",
            r"(?:draft|write|prepare) (?:the |my |all )?(?:replies|follow[- ]?ups?|answers)\b",
            r"(?:do|prepare|start) (?:the |a |my )?(?:customer )?follow[- ]?ups?\b",
            r"customer follow[- ]?up",
        ),
    ),
    (
        "forecast-note",
        (r"forecast note", r"(?:write|prepare|draft|make)\b[^.?!]{0,20}\bforecast", r"commit and best case"),
    ),
    (
        "pipeline-review",
        (r"(?:review|inspect|go through|walk (?:me )?through)\b[^.?!]{0,20}\bpipeline", r"pipeline review"),
    ),
    ("account-research", (r"account research", r"(?:research|look into|dig into|find out all about)\b")),
    (
        "morning-brief",
        (
            r"morning brief\w*",
            r"(?:plan|start|organi[sz]e) (?:for )?(?:my|the) (?:day|morning)",
            r"(?:daily|today's) brief\w*",
            r"priorit\w+",
            r"what (?:should|shall|must|do) i (?:do|work on|start with|need to do)\b[^.?!]{0,20}",
            r"needs? my attention",
            r"what'?s? (?:is )?(?:most )?(?:urgent|important)(?: today)?",
        ),
    ),
    (
        "call-prep",
        (
            r"prep(?:are|ping|aring)?\b[^.?!]{0,40}",
            r"call[- ]?prep",
            r"brief me (?:on|about|for|before)",
            r"get(?:ting)? (?:me )?ready",
            r"(?:ready|before|ahead of) (?:for )?(?:my|the|our) (?:\w+ ){0,2}(?:call|meeting)",
        ),
    ),
)
BARE = {
    "brief": "morning-brief",
    "brief me": "morning-brief",
    "briefing": "morning-brief",
    "my brief": "morning-brief",
}
ABOUT_ONE = {"call-prep", "competitive-intel", "create-asset", "account-research"}
SLASH = re.compile(r"\s*/([a-z][\w-]*)\s*(.*)", re.IGNORECASE | re.DOTALL)
REFINES = re.compile(
    r"\s*(?:no,? |please |ok(?:ay)?,? |now |and |but |again,? |make it |keep it |a bit |much |the same,? )*"
    r"(?:shorter|briefer|only|just|without|leave out|skip|drop|at most|no more than|nothing but|focus on|in \d+ words)\b",
    re.IGNORECASE,
)
YES = re.compile(
    r"\s*(?:yes|yep|yeah|sure|exactly|right|correct|ok(?:ay)?|please|do it|that one|y)\b[ ,.!a-z]{0,20}",
    re.IGNORECASE,
)
MEANT = re.compile(r"Did you mean `/([a-z][\w-]*)([^`]*)`")
FREELY = (
    "This skill has no outline, only a text to be followed freely. I am the stand-in model and work by rules, so I cannot; with a "
    "key for Claude it is followed."
)


def skills_of(request: Json) -> frozenset[str]:
    """The names of the skills that a request offers."""
    for tool in request.get("tools", []):
        if tool["name"] == USE:
            return frozenset(tool["input_schema"]["properties"]["skill"].get("enum", ()))
    return frozenset()


def about_skills(situation: Situation, skills: frozenset[str], aside: str) -> "list[Call] | Answer | None":
    """None: the question asks for none. ``aside`` is what was told behind the question, such as a call by hand."""
    if not skills:
        return None
    done = situation.result_of(USE)
    if done is not None:
        return Answer(_told(done))
    conversation = situation.conversation
    if "[Already called: use_skill" in aside:
        return Answer(FREELY)
    call = _wanted(conversation, situation.reading, len(conversation.exchanges) - 1, skills)
    return [call] if call else None


def _told(done: Done) -> str:
    if "published" in done.result:
        return f"It is published: {writing.plain(done.result['published'].get('title', ''))}."
    message = str(done.error.get("message", ""))
    return FREELY if "<skill" in message else writing.plain(message, limit=600) or "That did not work."


def _wanted(conversation: Conversation, reading: Reading, at: int, skills: frozenset[str]) -> Call | None:
    exchange = conversation.exchanges[at]
    before = conversation.exchanges[at - 1] if at else None
    question = exchange.question.strip()
    if before is not None:
        meant = MEANT.search(before.said)
        if meant and meant[1] in skills and YES.fullmatch(question):
            return _call(meant[1], meant[2].strip())
        used = _used(before)
        if used is not None:
            name, args = used.args.get("skill", ""), used.args.get("arguments") or {}
            picked = _picked(used, question, read(question, conversation.today))
            if picked:
                return _call(name, str(args.get("request", "")), picked)
            if not used.failed and REFINES.match(question):
                asked = ". ".join(part for part in (str(args.get("request", "")), question) if part)
                return _call(name, asked, str(args.get("about", "")))
            names_it = len(question.split()) <= 8 and not question.endswith("?")
            asked_which = used.failed and used.error.get("code") in {"missing", "not_found"} and names_it
            if asked_which and _asked_for(question, reading, skills) is None:
                return _call(name, str(args.get("request", "")), question.strip(" .!"))
    name = _asked_for(question, reading, skills)
    if name is None:
        return None
    focus = next((flag.removeprefix("about:") for flag in reading.flags if flag.startswith("about:")), "")
    about = (
        f"{focus}:{reading.name}"
        if focus in {"account", "deal"} and reading.name and reading.name.isdecimal()
        else ""
    )
    return _call(name, question, about)


def _asked_for(question: str, reading: Reading, skills: frozenset[str]) -> str | None:
    if slash := SLASH.fullmatch(question):
        return slash[1].lower() if slash[1].lower() in skills else None
    low = " ".join(question.lower().replace("’", "'").split())
    bare = BARE.get(low.strip(" .?!"))
    if bare:
        return bare if bare in skills else None
    for name, patterns in ASKED:
        if name in skills and any(re.search(rf"\b(?:{pattern})", low) for pattern in patterns):
            if name == "morning-brief" and reading.names:
                continue
            if name == "account-research" and not (reading.names or reading.pronoun):
                continue
            return name
    if (
        "competitive-intel" in skills
        and reading.competitor
        and not reading.has(r"deals?", r"lost", r"won", r"which", r"how many")
    ):
        return "competitive-intel"
    return None


def _used(exchange: Exchange) -> Done | None:
    return next((done for done in reversed(exchange.done) if done.name == USE), None)


def _picked(used: Done, question: str, reading: Reading) -> str:
    """The reference of the candidate that is meant."""
    candidates: list[Json] = used.error.get("candidates") or []
    if not candidates:
        return ""
    said = question.lower().strip(" .!?")
    if len(candidates) == 1 and YES.fullmatch(question):
        return str(candidates[0]["id"])
    number = re.fullmatch(r"(?:the |number |no\.? ?|#)*(\d)", said)
    if number and 1 <= int(number[1]) <= len(candidates):
        return str(candidates[int(number[1]) - 1]["id"])
    if reading.ordinal is not None and -1 <= reading.ordinal < len(candidates):
        return str(candidates[reading.ordinal]["id"])
    said = re.sub(
        r"^(?:the one |the |i mean |i meant |it is |it's )*(?:at |from |with |in |of |on )?(?:the )?",
        "",
        said,
    )
    for keys in (("name",), ("name", "note")):
        fitting = [
            row
            for row in candidates
            if said and said in " ".join(str(row.get(key, "")) for key in keys).lower()
        ]
        if len(fitting) == 1:
            return str(fitting[0]["id"])
    return ""


def _call(name: str, request: str, about: str = "") -> Call:
    arguments = {key: value for key, value in (("about", about), ("request", request)) if value}
    return Call(USE, {"skill": name, "arguments": arguments})

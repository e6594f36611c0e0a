"""When a question asks for what a skill does, and how the stand-in asks for it. Only skills that are offered are used."""

import re
from difflib import get_close_matches
from typing import Any

from sales_app.standin.mind import words, writing
from sales_app.standin.mind.conversation import Conversation, Done, Exchange
from sales_app.standin.mind.following import DROP
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
            r"how (?:do|does) (?:we|our \w+) compare (?:with|to)",
        ),
    ),
    (
        "create-asset",
        (
            rf"(?:make|create|build|write|draft|prepare|generate|design|produce|need|want|give)\b[^.?!]{{0,30}}\b(?:{_ASSET})",
            rf"(?:{_ASSET})\s+for\b",
            r"something (?:(?:i|we) can )?(?:to )?(?:send|leave)\b",
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
            r"follow[- ]?up (?:with|for|on|after)\b",
            r"what(?:'s| is| are)? (?:still |we )?(?:still )?(?:open|owed|outstanding|pending) (?:with|at|for|to)\b",
        ),
    ),
    (
        "forecast-note",
        (
            r"forecast note",
            r"(?:write|prepare|draft|make)\b[^.?!]{0,20}\bforecast",
            r"commit and best case",
            r"(?:my|our|the) commit\b",
        ),
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
            r"what (?:did|have) i (?:miss|missed)",
            r"what comes first",
            r"what(?:'s| is) on my plate",
        ),
    ),
    (
        "call-prep",
        (
            r"prep(?:are|ping|aring)?\b[^.?!]{0,40}",
            r"call[- ]?prep",
            r"brief me (?:on|about|for|before)",
            r"get(?:ting)? (?:me )?ready",
            r"what (?:should|do|must|shall) i (?:need to |have to )?know\b",
            r"before (?:i |we )?(?:talk|call|meet|speak|see)(?:ing|s)?\b",
            r"(?:ready|before|ahead of) (?:for )?(?:my|the|our) (?:\w+ ){0,2}(?:call|meeting)",
        ),
    ),
)
# Words of the patterns above. One that is written almost so is taken for it, unless it is a word or a name of its own.
SPELLED = (
    "analysis battle brief briefing calculator calendar card commit competitive customer draft follow forecast landing "
    "meeting morning pipeline prepare presentation priorities promise promised proposal ready replies research review "
    "urgent workflow"
).split()
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
NO = re.compile(
    r"^(?:no|sorry|oh|oops|actually|i mean(?:t)?|it(?:'s| is)|wait|the one (?:at|in|with)|with|for|about)\b[ ,:]*",
    re.IGNORECASE,
)
MEANT = re.compile(r"Did you mean `/([a-z][\w-]*)([^`]*)`")
FREELY = (
    "This skill has no outline, only a text to be followed freely. I am the stand-in model and work by rules, so I cannot; with a "
    "key for Claude it is followed."
)


LISTED = re.compile(r"^- /([a-z][\w-]*)[^:\n]*: (.+)$", re.MULTILINE)


def skills_of(request: Json) -> dict[str, str]:
    """The skills that a request offers: name to description."""
    for tool in request.get("tools", []):
        if tool["name"] == USE:
            described = dict(LISTED.findall(tool.get("description", "")))
            names = tool["input_schema"]["properties"]["skill"].get("enum", ())
            return {name: described.get(name, "") for name in names}
    return {}


def about_skills(situation: Situation, skills: dict[str, str], aside: str) -> "list[Call] | Answer | None":
    """None: the question asks for none. ``aside`` is what was told behind the question, such as a call by hand."""
    if not skills:
        return None
    done = situation.result_of(USE)
    if done is not None:
        return Answer(_told(done))
    conversation = situation.conversation
    if "[Already called: use_skill" in aside:
        return Answer(FREELY)
    wanted = _wanted(conversation, situation.reading, len(conversation.exchanges) - 1, skills)
    return [wanted] if isinstance(wanted, Call) else wanted


def _told(done: Done) -> str:
    if "published" in done.result:
        return f"It is published: {writing.plain(done.result['published'].get('title', ''))}."
    message = str(done.error.get("message", ""))
    return FREELY if "<skill" in message else writing.plain(message, limit=600) or "That did not work."


def _wanted(
    conversation: Conversation, reading: Reading, at: int, skills: dict[str, str]
) -> Call | Answer | None:
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
            asked_which = used.failed and used.error.get("code") in {"missing", "not_found", "ambiguous"}
            if asked_which and DROP.fullmatch(question.rstrip(".!")):
                return Answer("All right, I leave it.")
            names_it = len(question.split()) <= 8 and not question.endswith("?")
            if asked_which and names_it and _asked_for(question, reading, skills) is None:
                return _call(name, str(args.get("request", "")), NO.sub("", question).strip(" .!,"))
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


def _asked_for(question: str, reading: Reading, skills: dict[str, str]) -> str | None:
    if slash := SLASH.fullmatch(question):
        return slash[1].lower() if slash[1].lower() in skills else None
    low = spelled(question)
    bare = BARE.get(low.strip(" .?!"))
    if bare:
        return bare if bare in skills else None
    for name, patterns in ASKED:
        if name in skills and any(re.search(rf"\b(?:{pattern})", low) for pattern in patterns):
            if name == "morning-brief" and any(each[:1].isupper() for each in reading.names):
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
    return _by_description(low, skills)


def spelled(question: str) -> str:
    """In lower case, with slips of the keys in the words that count put right."""
    found = []
    for at, word in enumerate(question.replace("’", "'").split()):
        low = word.lower()
        bare = low.strip(".,;:?!()\"'")
        near = (
            len(bare) >= 5 and not (at and word[0].isupper()) and bare not in words.COMMON and bare.isalpha()
        )
        meant = get_close_matches(bare, SPELLED, n=1, cutoff=0.8) if near and bare not in SPELLED else []
        found.append(low.replace(bare, meant[0]) if meant else low)
    return " ".join(found)


FEW_WORDS = 2  # of a description's, beside one of the name's


def _by_description(low: str, skills: dict[str, str]) -> str | None:
    """A skill that the patterns do not know, by the words of its name and description; None unless one alone fits."""
    known = {name for name, _ in ASKED}
    said = {_stem(word) for word in re.findall(r"[a-z]{3,}", low)} - _LITTLE
    fitting = []
    for name, description in skills.items():
        named = {_stem(word) for word in name.split("-")}
        described = {_stem(word) for word in re.findall(r"[a-z]{3,}", description.lower())} - named - _LITTLE
        whole = named <= said
        if name not in known and (whole or (named & said and len(described & said) >= FEW_WORDS)):
            fitting.append((whole, len(named & said), len(described & said), name))
    fitting.sort(reverse=True)
    if not fitting or (len(fitting) > 1 and fitting[0][:3] == fitting[1][:3]):
        return None
    return fitting[0][3]


def _stem(word: str) -> str:
    return re.sub(r"(?:ings?|ed|es|s|e)$", "", word) if len(word) > 4 else word


_LITTLE = {
    _stem(word)
    for word in (
        "about account accounts after all and any are ask asks before can customer customers deal deals did does for from get have her "
        "him his how its make makes me more most need not now our out over please say says show somebody something that the "
        "their them then there they this those use used uses want was what when where which who with without you your"
    ).split()
}


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

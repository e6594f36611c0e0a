"""What somebody wants done, as they say it: log something, set a field, write an e-mail.

``parse`` reads one sentence; ``following`` takes it together with what was said before and after.
"""

import re
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

from sales_app.standin.mind import times, words
from sales_app.standin.mind.reading import read

Json = dict[str, Any]


LONGEST = 2_000  # characters; the patterns take time that grows with the square


@dataclass(frozen=True)
class Wish:
    """``who`` is a name as it was typed; ``picked`` the record that was meant, as it was read.

    ``records`` are the kinds of record that it may be, the likeliest first.
    """

    act: Literal["log", "set", "mail"]
    records: tuple[str, ...]
    who: str = ""
    kind: str = ""
    field: str = ""
    text: str = ""
    due: str = ""
    reason: str = ""
    picked: Json | None = None
    dropped: bool = False


FIELDS = {
    "next step": "next_step",
    "stage": "stage",
    "amount": "amount",
    "value": "amount",
    "close date": "close_date",
    "closing date": "close_date",
    "closing day": "close_date",
    "probability": "probability",
    "owner": "owner",
    "competitor": "competitor",
    "phone number": "phone",
    "phone": "phone",
    "e-mail address": "email",
    "email address": "email",
    "e-mail": "email",
    "email": "email",
    "job title": "title",
    "title": "title",
    "role": "role",
    "health": "health",
    "status": "status",
    "segment": "segment",
    "industry": "industry",
    "country": "country",
    "employees": "employees",
    "plan": "plan",
    "domain": "domain",
    "name": "name",
}
OF_RECORD = {
    "deal": {"stage", "amount", "close_date", "probability", "competitor"},
    "contact": {"phone", "email", "title", "role"},
    "account": {"health", "status", "segment", "industry", "country", "employees", "plan", "domain"},
}
KINDS = {
    "call": "call",
    "phone call": "call",
    "meeting": "meeting",
    "email": "email",
    "e-mail": "email",
    "mail": "email",
    "note": "note",
    "task": "task",
    "to-do": "task",
    "todo": "task",
    "reminder": "task",
}
# What refers to somebody or something that was spoken of.
MEANT_BEFORE = {"it", "this", "that", "him", "her", "them", "he", "she", "they", "this one", "that one"}
DEAL_WORDS = r"deal|opportunity|renewal|expansion|pilot|rollout|upgrade"

PLEASE = r"(?:(?:ok(?:ay)?|now|then|and|also|so|hi|hello|copilot)[, ]+)*(?:please |can you |could you |would you |i want (?:you )?to |let's )*(?:please )?"
_KIND = "|".join(sorted(KINDS, key=len, reverse=True))
_FIELD = "|".join(sorted(FIELDS, key=len, reverse=True))
_SAYS = r"(?:\s*[:–]\s*|\s+-\s+|,?\s+(?:that|saying that|saying|to say that|to say|and (?:say|tell (?:him|her|them)) that|and (?:say|tell (?:him|her|them)))\s+)"

_SETS = "set|change|update|put|correct|move|push|shift|postpone|delay|reschedule|extend|bring forward|raise|lower|increase|reduce"

LOG = re.compile(
    rf"{PLEASE}(?:log|add|record|create|make|write down|note down)(?: that i had)? (?:me )?(?:an? |the |my |our )?(?P<kind>{_KIND})\b"
    rf"(?:,? (?:with|at|for|about|to|on|by) (?P<who>(?:(?!{_SAYS}).)+?))?(?:(?:{_SAYS}|,? about |, )(?P<text>.+))?",
    re.IGNORECASE | re.DOTALL,
)
CALLED = re.compile(
    rf"{PLEASE}(?:log|note|record|write down) that (?:i|we) (?:just )?(?P<verb>called|phoned|met|spoke|talked|e-?mailed|wrote)(?: (?:with|to))? "
    r"(?P<who>.+?)(?:(?:, and|,| and|:) (?P<text>.+))?",
    re.IGNORECASE | re.DOTALL,
)
VERBS = {"met": "meeting", "emailed": "email", "e-mailed": "email", "wrote": "email"}
TASK = re.compile(
    rf"{PLEASE}(?:remind me to|(?:add|create|make)(?: me)? a (?:task|to-?do|reminder) to) (?P<text>.+)",
    re.IGNORECASE | re.DOTALL,
)
SET = re.compile(
    rf"{PLEASE}(?:{_SETS}) (?:the |its |their |his |her )?(?P<field>{_FIELD})(?: (?:of|for|on|at) (?P<who>.+?))? (?:to|as) (?P<text>.+)",
    re.IGNORECASE | re.DOTALL,
)
SET_ITS = re.compile(
    rf"{PLEASE}(?:{_SETS}) (?P<who>.+?)(?:'s|s') (?P<field>{_FIELD}) (?:to|as) (?P<text>.+)",
    re.IGNORECASE | re.DOTALL,
)
MOVE = re.compile(
    rf"{PLEASE}(?:move|push|advance|mark|set|put|make|postpone|delay) (?P<who>.+?) (?:in)?(?:to|as) (?:the )?(?:stage )?(?P<text>[\w -]+?)"
    r"(?: stage)?(?:,? (?:because|since|due to|as) (?P<reason>.+))?",
    re.IGNORECASE | re.DOTALL,
)
GIVE = re.compile(
    rf"{PLEASE}(?:assign|give|hand over) (?P<who>.+?) to (?P<text>.+)",
    re.IGNORECASE | re.DOTALL,
)
_ADDRESS = r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+"
_ADJECTIVES = (
    r"(?: (?:short|quick|brief|friendly|polite|nice|kind|new|follow-?up|thank-?you|reminder|introductory))*"
)
_LETTER = r"(?:e-?mail|mail|message|follow-?up)"
MAIL = re.compile(
    rf"{PLEASE}(?:(?:e-?mail|mail)(?! address)(?: to)?|(?:write|send|draft|compose)(?: an?| the)?{_ADJECTIVES}(?: {_LETTER})? to|(?:write|send)(?= {_ADDRESS}))"
    rf" (?P<who>{_ADDRESS}|(?:(?!{_SAYS}).)+?)(?:(?P<says>{_SAYS}|,? (?:about|regarding) )(?P<text>.+))?",
    re.IGNORECASE | re.DOTALL,
)
SEND_WHOM = re.compile(
    rf"{PLEASE}(?:(?:send|write|draft) (?P<who>.+?) an?{_ADJECTIVES} {_LETTER}|(?:let) (?P<known>.+?) know|tell (?P<told>(?!me\b|us\b).+?)(?= that ))"
    rf"(?P<says>{_SAYS}|,? (?:about|regarding) | )(?P<text>.+)",
    re.IGNORECASE | re.DOTALL,
)

# Without what it should say: that is asked for.
SEND_ONLY = re.compile(
    rf"{PLEASE}(?:send|write|draft) (?P<who>(?!to )(?:(?!{_SAYS}| about | regarding ).)+?) an?{_ADJECTIVES} {_LETTER}(?P<says>)(?P<text>)",
    re.IGNORECASE,
)


def parse(text: str, today: date) -> Wish | None:
    """What one sentence asks to be done, or None when it asks something else."""
    text = text.replace("’", "'").strip()
    if len(text) > LONGEST:
        return None
    if "\n" not in text:
        text = " ".join(text.split())
    if re.match(r"(?:can|could|would) you\b", text, re.IGNORECASE):
        text = text.rstrip("?")
    return _log(text, today) or _set(text, today) or _mail(text)


def _log(text: str, today: date) -> Wish | None:
    if match := TASK.fullmatch(text.rstrip(".!")):
        said = match["text"]
        span, _ = times.find(said.lower(), today)
        due = span.last.isoformat() if span and span.last else ""
        names = read(said, today).names
        return Wish("log", ("contact", "account"), names[0] if names else "", "task", text=said, due=due)
    if match := CALLED.fullmatch(text.rstrip(".!")):
        kind = VERBS.get(match["verb"].lower(), "call")
        return Wish(
            "log", ("contact", "account", "deal"), name_in(match["who"]), kind, text=match["text"] or ""
        )
    match = LOG.fullmatch(text.rstrip(".!"))
    if match is None:
        return None
    kind, said = KINDS[match["kind"].lower()], (match["text"] or "").strip()
    due = ""
    if kind == "task":
        span, _ = times.find(said.lower(), today)
        due = span.last.isoformat() if span and span.last else ""
    return Wish("log", ("contact", "account", "deal"), name_in(match["who"]), kind, text=said, due=due)


def _set(text: str, today: date) -> Wish | None:
    bare = text.rstrip(".!")
    if match := SET.fullmatch(bare) or SET_ITS.fullmatch(bare):
        field = FIELDS[match["field"].lower()]
        who = match["who"] or ""
        return Wish(
            "set", _records(field, who), name_in(who), field=field, text=_value(field, match["text"], today)
        )
    if match := MOVE.fullmatch(bare):
        stage = words.STAGES.get(match["text"].lower())
        health = words.HEALTHS.get(match["text"].lower())
        who = match["who"]
        if stage and not _about_a_meeting(who):
            return Wish(
                "set", ("deal",), name_in(who), field="stage", text=stage, reason=match["reason"] or ""
            )
        if health:
            return Wish("set", ("account",), name_in(who), field="health", text=health)
        done = match["text"].lower() in {"done", "finished", "complete"}
        if re.search(rf"\b(?:{DEAL_WORDS})\b", who, re.IGNORECASE) and not _about_a_meeting(who):
            day = _value("close_date", match["text"], today)
            if re.fullmatch(r"\d{4}-\d{2}-\d{2}", day):
                return Wish("set", ("deal",), name_in(who), field="close_date", text=day)
        if done and re.search(r"\b(?:task|to-?do)\b", who):
            return Wish("set", ("activity",), name_in(who), field="done", text="true")
    if match := GIVE.fullmatch(bare):
        who = match["who"]
        if re.search(rf"\b(?:account|{DEAL_WORDS})\b", who, re.IGNORECASE):
            return Wish("set", _records("owner", who), name_in(who), field="owner", text=match["text"])
    return None


def _about_a_meeting(who: str) -> bool:
    return bool(re.search(r"\b(?:meeting|call|task)\b", who))


def _mail(text: str) -> Wish | None:
    bare = text.rstrip(".!") if "\n" not in text else text
    match = SEND_ONLY.fullmatch(bare) or SEND_WHOM.fullmatch(bare) or MAIL.fullmatch(bare)
    if match is None:
        return None
    groups = match.groupdict()
    who = (groups["who"] or groups.get("known") or groups.get("told") or "").strip()
    if not re.search(_ADDRESS, who) and (
        re.match(
            r"(?:of|for|from|with|about|in|on|last|sent|address|me\b|a\b|an\b|the (?:last|latest))",
            who,
            re.IGNORECASE,
        )
        or len(who.split()) > 6
    ):
        return None
    about = bool(re.search(r"about|regarding", match["says"] or ""))
    said = (match["text"] or "").strip()
    return Wish("mail", ("contact",), name_in(who), kind="about" if about else "", text=said)


def _records(field: str, who: str) -> tuple[str, ...]:
    for record, fields in OF_RECORD.items():
        if field in fields:
            return (record,)
    if re.search(rf"\b(?:{DEAL_WORDS})\b", who, re.IGNORECASE):
        return ("deal",)
    if re.search(r"\b(?:account|company|customer)\b", who, re.IGNORECASE):
        return ("account",)
    return ("account", "deal", "contact") if field == "name" else ("account", "deal")


def name_in(who: str | None) -> str:
    """Without what only says what kind of record it is."""
    name = re.sub(
        r"^(?:the|my|our|this|that|its?)\b\s*", "", (who or "").strip(" \"'“”"), flags=re.IGNORECASE
    )
    name = re.sub(
        r"\s*\b(?:deal|opportunity|account|company|customer|contact|task|to-?do)$|^(?:deal|opportunity|account|company|customer|contact|task|to-?do)\b\s*",
        "",
        name,
        flags=re.IGNORECASE,
    )
    name = name.strip(" ,.\"'“”")
    return "" if name.lower() in MEANT_BEFORE else name


def _value(field: str, text: str, today: date) -> str:
    text = text.strip().strip("\"'“”").strip()
    if field == "close_date":
        span, _ = times.find(text.lower(), today)
        return span.last.isoformat() if span and span.last else text
    if field == "stage":
        return words.STAGES.get(text.lower(), text)
    if field == "health":
        return words.HEALTHS.get(text.lower(), text)
    if field == "role":
        return words.ROLES.get(text.lower(), text)
    if field in {"amount", "employees", "probability"}:
        return _figure(text)
    return text


def _figure(text: str) -> str:
    match = re.fullmatch(
        r"[$€£]?\s?([\d][\d,.]*)\s?(k|m|thousand|million|%|percent)?\s?(?:usd|eur|gbp|dollars|euros|pounds)?",
        text.lower(),
    )
    if match is None:
        return text
    digits = match[1].replace(",", "")
    factor = {"k": 1000, "thousand": 1000, "m": 1_000_000, "million": 1_000_000}.get(match[2] or "", 1)
    try:
        return f"{float(digits) * factor:g}" if factor > 1 else digits
    except ValueError:
        return text

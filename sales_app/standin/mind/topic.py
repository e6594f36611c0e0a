"""What a question is about, by the words in it. The first rule that fits decides."""

import re

from sales_app.standin.mind.reading import Reading

_DEALS = r"deals?|opportunit(?:y|ies)|pipeline|forecast|quotes?|sales?"
_ACCOUNTS = r"accounts?|compan(?:y|ies)|customers?|prospects?|clients?|logos?|businesses"
_CONTACTS = r"contacts?|people|persons?|stakeholders?|someone|somebody|anybody|anyone|champions?|buyers?|decision[ -]makers?|blockers?"


def topic_of(reading: Reading) -> str | None:
    """The name of a topic, or None when the words tell nothing."""
    for name, fits in RULES:
        if fits(reading):
            return name
    return None


def _greets(r: Reading) -> bool:
    return bool(
        re.fullmatch(
            r"(?:hi|hello|hey|hiya|good (?:morning|afternoon|evening|day)|moin|hallo|howdy)(?: there| all| copilot| clewline| again)*[ ,.!?]*(?:how are you(?: today)?)?[ .!?]*",
            r.low,
        )
    )


def _thanks(r: Reading) -> bool:
    return bool(
        re.match(
            r"(?:many )?(?:thanks|thank you|thx|cheers|great|perfect|nice|ok|okay|good|cool|bye|goodbye)\b[^?]{0,25}$",
            r.low,
        )
    ) and not (r.names or r.span)


def _helps(r: Reading) -> bool:
    return r.has(
        r"what can (?:you|i)",
        r"what (?:do|are) you",
        r"who are you",
        r"how do(?:es)? (?:you|this) work",
        r"what (?:else )?(?:can|could|should) i ask",
        r"(?:which|what) data",
        r"are you (?:claude|an? ai|real|human)",
        r"which model",
    ) or r.low.strip(" ?!.") in {"help", "help me", "?"}


def _prepares(r: Reading) -> bool:
    return r.has(
        r"prep(?:are)?(?: me)?",
        r"brief me (?:on|about)",
        r"get(?:ting)? ready",
        r"before my (?:call|meeting)",
    ) and bool(r.names or r.pronoun)


def _prioritises(r: Reading) -> bool:
    return not r.names and (
        r.has(
            r"who(?:m)? (?:should|shall|do|must|can|to|could) (?:i |we )?(?:call|ring|phone|contact|talk|speak|reach|write|follow)[\w ]*",
            r"priorit\w+",
            r"focus on",
            r"what (?:should|shall|must|do) i (?:do|work|start|need)[\w ]*",
            r"where (?:should|shall|do) i (?:start|begin)",
            r"morning brief(?:ing)?",
            r"plan (?:for )?(?:my|the) (?:day|week|morning)",
            r"what'?s? (?:is )?(?:most )?(?:urgent|important)",
            r"next (?:best )?actions?",
            r"needs? my attention",
        )
        or r.low.strip(" .?!") in {"brief", "brief me", "briefing"}
    )


def _tasks(r: Reading) -> bool:
    return r.has(
        r"tasks?",
        r"to-?dos?",
        r"overdue",
        r"follow-?ups?",
        r"due(?! to close)",
        r"what do i owe",
        r"reminders?",
    )


def _quiet(r: Reading) -> bool:
    return r.has(
        r"quiet(?:est)?",
        r"neglect(?:ed|ing)?",
        r"silent",
        r"silence",
        r"dormant",
        r"inactive",
        r"gone cold",
        r"cold",
        r"no (?:activity|contact|touch|calls?|meetings?)",
        r"without (?:any )?(?:activity|contact|touch\w*|calls?|meetings?)",
        r"haven'?t (?:we |i )?(?:been )?(?:heard|talked|spoken|touched|contacted|met|called)[\w ]*",
        r"not (?:been )?(?:heard|talked|spoken|touched|contacted|met|called)[\w ]*",
        r"never (?:been )?(?:contacted|called|met)",
    )


def _calendar(r: Reading) -> bool:
    if r.names:
        return r.has(r"next (?:meeting|call|appointment)") and not _past(r)
    return r.has(
        r"calendar",
        r"agenda",
        r"schedule[d]?",
        r"appointments?",
        r"my (?:day|week)",
        r"what (?:do i have|have i got)(?: on| planned)?",
        r"do i have (?:anything|something|any (?:calls?|meetings?))",
        r"what'?s on",
        r"am i (?:free|busy)",
        r"next (?:meeting|call|appointment)",
        r"(?:meetings?|calls?) (?:do i have|have i|are planned|coming up)[\w ]*",
        r"(?:my|upcoming|any) (?:\w+ )?meetings?",
    ) or (
        r.kind in {"meeting", "call"}
        and r.span is not None
        and r.span.label in {"today", "tomorrow", "this week", "next week"}
        and not _past(r)
    )


def _past(r: Reading) -> bool:
    return r.has(
        r"did", r"had", r"happened", r"last", r"yesterday", r"past", r"were", r"was", r"logged", r"made"
    )


def _contacts(r: Reading) -> bool:
    return (
        r.role is not None
        or r.has(_CONTACTS)
        or (
            r.has(r"who(?:'s| is| are| do| can| should)?", r"phone(?: number)?", r"e-?mail address(?:es)?")
            and bool(r.names or r.pronoun)
        )
        or (r.has(r"(?:e-?mail|phone|number|mail) (?:of|for)", r"reach") and bool(r.names))
    ) and not r.has(r"last (?:contact(?:ed)?)", r"competitors?")


def _summary(r: Reading) -> bool:
    """Numbers over deals rather than deals."""
    if r.has(_ACCOUNTS) and not r.has(_DEALS) and not r.has(r"amounts?", r"worth"):
        return False
    if r.group and r.has(
        _DEALS, r"competitors?", r"amounts?", r"revenue", r"won", r"win", r"lost", r"lose", r"worth", r"value"
    ):
        return True
    return r.has(r"pipeline", r"forecast", r"breakdown", r"break ?down", r"win rate") or (
        r.has(_DEALS, r"revenue", r"won", r"win", r"lost", r"lose", r"closed", r"closing", r"close")
        and r.has(
            r"how (?:much|many|big|is|are)",
            r"totals?",
            r"sum",
            r"number of",
            r"worth",
            r"value",
            r"count",
            r"add up",
            r"overview",
        )
    )


def _deals(r: Reading) -> bool:
    return (
        r.has(_DEALS, r"clos(?:e|es|ing)")
        or r.stage is not None
        or r.competitor is not None
        or r.has(r"competitors?", r"competing")
        or ((r.min_amount is not None or r.max_amount is not None) and not r.has(_ACCOUNTS))
    )


# "What did Katja do this week?" asks about a colleague first, "what did Acme say?" about a customer.
DOES = r"what (?:has|did|does|is) [\w'. -]{2,40}? (?:do|done|doing|log|logged|been up to|work(?:ed|ing)? on)"


def _activities(r: Reading) -> bool:
    return r.kind is not None or r.has(
        DOES,
        r"activit(?:y|ies)",
        r"happen(?:ed|ing)?",
        r"histor(?:y|ies)",
        r"touch ?points?",
        r"last (?:contact|talk|touch|spoke|talked|heard|contacted|met|interaction)[\w]*",
        r"(?:talk|spoke|talked|speak|said|say|discuss|discussed|meet|met) (?:with|to|about|at)",
        r"latest",
        r"recent(?:ly)?",
        r"what'?s? (?:is )?new",
        r"news",
        r"updates?",
        r"interactions?",
        r"what (?:did|have) i (?:do|done|log|logged)",
        r"mention(?:ed|s|ing)?",
        r"going on",
    )


def _accounts(r: Reading) -> bool:
    return (
        r.has(_ACCOUNTS, r"book", r"segments?", r"industr(?:y|ies)")
        or r.status is not None
        or r.segment is not None
        or r.health is not None
        or ((r.industry is not None or r.country is not None) and not r.names)
    )


def _record(r: Reading) -> bool:
    return bool(r.names) or (
        r.pronoun
        and r.has(r"tell me", r"more", r"details?", r"about", r"show", r"open", r"what is", r"status")
    )


def _asks_about_one(r: Reading) -> bool:
    return bool(r.names or r.pronoun) and r.has(
        r"next steps?",
        r"who owns",
        r"(?:account )?owner of",
        r"who(?:'s| is) the (?:account )?owner",
        r"how big is",
        r"status of",
    )


RULES = [
    ("greeting", _greets),
    ("thanks", _thanks),
    ("help", _helps),
    ("preparing", _prepares),
    ("record", _asks_about_one),
    ("priorities", _prioritises),
    ("tasks", _tasks),
    ("quiet", _quiet),
    ("calendar", _calendar),
    ("contacts", _contacts),
    ("summary", _summary),
    ("deals", _deals),
    ("activities", _activities),
    (
        "accounts",
        lambda r: (
            _accounts(r)
            and not (r.names and not r.has(r"accounts", r"companies", r"customers", r"prospects"))
        ),
    ),
    ("record", _record),
]

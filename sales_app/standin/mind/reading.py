"""A question as what it names: days, amounts, values of the CRM, names."""

import re
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from sales_app.standin.mind import times, words

_FIGURE = r"[$€£]?\s?(\d[\d,.]*\d|\d)\s?(k|m|mn|million|thousand|bn)?\b\s?(?:usd|eur|gbp|dollars|euros|pounds|[$€£])?"
_AT_LEAST = r"(?:over|above|more than|at least|bigger than|larger than|greater than|exceeding|worth more than|from|>=?|minimum(?: of)?)"
_AT_MOST = r"(?:under|below|less than|at most|smaller than|up to|cheaper than|<=?|maximum(?: of)?)"
_UNIT_OF_TIME = r"(?!\s?(?:days?|weeks?|months?|quarters?|years?|people|employees|staff)\b)"
BETWEEN = re.compile(rf"\bbetween {_FIGURE} and {_FIGURE}{_UNIT_OF_TIME}")
AT_LEAST = re.compile(rf"(?:\b|(?=>)){_AT_LEAST}\s*{_FIGURE}{_UNIT_OF_TIME}")
AT_MOST = re.compile(rf"(?:\b|(?=<)){_AT_MOST}\s*{_FIGURE}{_UNIT_OF_TIME}")
TOP = re.compile(
    r"\b(?:top|first|the) (\d{1,2}|"
    + "|".join(times.NUMBERS)
    + r")\b(?= |$|\?)|\b(\d{1,2}|"
    + "|".join(word for word in times.NUMBERS if word not in {"a", "an", "zero", "one"})
    + r") (?:biggest|largest|smallest|newest|oldest|latest|most|accounts|deals|contacts|companies|customers)\b"
)
OWNED = re.compile(
    r"\b(?:owned by|belonging to|assigned to|run by|held by) ((?:[A-ZÀ-Þ][\w'’.-]+ ?){1,3}|me\b)"
)
# "Dana's deals": of a colleague, as a customer has a deal or two and these are asked about in another way.
POSSESSED = re.compile(
    r"\b((?:[A-ZÀ-Þ][\w.-]+ ?){1,2})'s (?:\w+ ){0,2}?(?:deals|opportunities|accounts|pipeline|customers|prospects|book|tasks)\b"
)
MINE = re.compile(r"\b(?:my|mine|i own|i have|i'm working|do i have|are mine)\b")
AGAINST = re.compile(
    r"\b(?:against|competing with|compete with|competes with|competitor(?: is)?|versus|vs\.?|up against) (?:the )?([A-ZÀ-Þ][\w'’.-]+)"
)
QUOTED = re.compile(r"[\"“”„«»]([^\"“”„«»]{2,80})[\"“”„«»]|(?<!\w)'([^']{2,80})'(?!\w)")
BEFORE_NAMES = {
    "about",
    "at",
    "for",
    "of",
    "with",
    "from",
    "to",
    "on",
    "against",
    "account",
    "company",
    "customer",
    "deal",
}
CONNECTORS = {"&", "of", "de", "van", "von", "der", "la", "und"}
PRONOUN = re.compile(
    r"\b(it|its|it's|their|theirs|them|they|there|this (?:account|company|customer|deal|opportunity|prospect)|"
    r"that (?:account|company|customer|deal|opportunity|prospect|one)|these people|his|her|the (?:account|company|deal))\b"
)
FOLLOW_UP = re.compile(
    r"^(?:and|also|but|ok(?:ay)?,?|now|then|so|what about|how about|only|just|same|the same|without|in|with|more|show more|next)\b"
)
BY = re.compile(
    r"\b(?:by|per|for each|each|across|grouped by|split by|broken down by|which) (?:the )?(?:closing )?(\w+)"
)
ORDERS = {
    "biggest": (
        "biggest",
        "largest",
        "highest",
        "most valuable",
        "top",
        "big",
        "richest",
        "greatest",
        "most revenue",
    ),
    "newest": (
        "newest",
        "latest",
        "most recently added",
        "recently created",
        "just created",
        "new accounts",
        "new deals",
    ),
    "oldest": ("oldest",),
    "stuck": ("stuck", "stalled", "longest in", "not moving", "slipping", "sitting"),
    "likely": ("most likely", "likeliest", "best chance", "highest probability", "probable"),
    "soonest": ("closing soon", "soonest", "next to close", "close next", "about to close"),
    "employees": ("most employees", "by employees", "by size", "headcount"),
}


@dataclass(frozen=True)
class Reading:
    """Everything that was found; ``low`` is the question in lower case, ``rest`` what is left of it."""

    text: str
    low: str
    rest: str
    span: times.Span | None = None
    min_amount: float | None = None
    max_amount: float | None = None
    stage: str | None = None
    segment: str | None = None
    status: str | None = None
    health: str | None = None
    role: str | None = None
    kind: str | None = None
    country: str | None = None
    industry: str | None = None
    owner: str | None = None
    competitor: str | None = None
    group: str | None = None
    order: str | None = None
    limit: int | None = None
    ordinal: int | None = None
    names: tuple[str, ...] = ()
    pronoun: bool = False
    follow_up: bool = False
    flags: frozenset[str] = field(default_factory=frozenset)

    @property
    def name(self) -> str | None:
        return self.names[0] if self.names else None

    def has(self, *patterns: str) -> bool:
        return any(re.search(rf"\b(?:{pattern})\b", self.low) for pattern in patterns)

    def called(self, name: str) -> "Reading":
        """The same question about ``name``."""
        return replace(self, names=(name,), pronoun=False)


def read(text: str, today: date) -> Reading:
    text = " ".join(text.replace("’", "'").split())
    low = text.lower()
    names, rest_text = _explicit_names(text)
    competitor = None
    if match := AGAINST.search(rest_text):
        competitor = match[1].rstrip(".,?!'")
        rest_text = rest_text.replace(match[0], " ")
    owner = None
    if match := OWNED.search(rest_text):
        owner = match[1].strip().rstrip(".,?!")
        rest_text = rest_text.replace(match[0], " ")
    if owner is None and not names and (match := POSSESSED.search(rest_text)) and not _is_plain(match[1]):
        owner = match[1].strip()
        rest_text = rest_text.replace(f"{match[1]}'s", " ", 1)
    if not names:
        names, rest_text = _capital_names(rest_text, competitor)
    rest = rest_text.lower()
    low_without_names = rest
    min_amount, max_amount, rest = _amounts(rest)
    span, rest = times.find(rest, today)
    limit = _limit(rest)
    if owner is None and MINE.search(low):
        owner = "me"
    values: dict[str, Any] = {
        "stage": words.find(words.STAGES, rest),
        "segment": words.find(words.SEGMENTS, rest),
        "status": _status(rest),
        "health": words.find(words.HEALTHS, rest),
        "role": words.find(words.ROLES, rest),
        "kind": words.find(words.KINDS, rest),
        "country": _country(rest, text),
        "industry": words.find(words.INDUSTRIES, rest),
    }
    if not names:
        names = _lower_case_names(rest)
    group = next((words.GROUPS[found] for found in BY.findall(low) if found in words.GROUPS), None)
    order = next(
        (
            name
            for name, said in ORDERS.items()
            if any(re.search(rf"\b{word}\b", low_without_names) for word in said)
        ),
        None,
    )
    ordinal = None
    if (
        match := re.search(
            r"\b(?:the )?(" + "|".join(words.ORDINALS) + r") (?:one|account|deal|company|contact|of them)\b",
            low,
        )
    ) or (match := re.fullmatch(r"(?:the )?(" + "|".join(words.ORDINALS) + r")(?: please)?[.!]?", low)):
        ordinal = words.ORDINALS[match[1]]
    return Reading(
        text=text,
        low=low,
        rest=rest,
        span=span,
        min_amount=min_amount,
        max_amount=max_amount,
        owner=owner,
        competitor=competitor,
        group=group,
        order=order,
        limit=limit,
        ordinal=ordinal,
        names=names,
        pronoun=bool(PRONOUN.search(low)),
        follow_up=bool(FOLLOW_UP.search(low)),
        **values,
    )


def _explicit_names(text: str) -> tuple[tuple[str, ...], str]:
    found = [(match[0], next(group for group in match.groups() if group)) for match in QUOTED.finditer(text)]
    for whole, _ in found:
        text = text.replace(whole, " ")
    return tuple(name.strip() for _, name in found), text


def _capital_names(text: str, competitor: str | None) -> tuple[tuple[str, ...], str]:
    """Runs of capitalised words that are not a common word at the start, a country, a month or another value."""
    names = []
    for run in _runs(text):
        if _is_called(run, text):
            names.append(" ".join(run).removesuffix("'s"))
            text = text.replace(" ".join(run), " ", 1)
            continue
        while run and _is_plain(run[0]):
            run = run[1:]
        while run and (_is_plain(run[-1]) or run[-1].lower() in CONNECTORS):
            run = run[:-1]
        name = " ".join(run).removesuffix("'s")
        if not run or name == competitor or not re.search(r"[A-Za-zÀ-ÿ]", name) or _is_value(name):
            continue
        names.append(name)
        text = text.replace(" ".join(run), " ", 1)
    return tuple(names), text


def _is_called(run: list[str], text: str) -> bool:
    """ "about Sunny Hotels": common words, but written as a name where names stand; an industry is not written so."""
    industry = run[-1].lower().removesuffix("'s")
    if len(run) != 2 or industry not in words.INDUSTRIES or not _is_plain(run[0]) or _is_value(run[0]):
        return False
    before = re.search(rf"(\w+) {re.escape(' '.join(run))}", text)
    return before is not None and before[1] in BEFORE_NAMES


def _runs(text: str) -> list[list[str]]:
    """Neighbouring capitalised words, small connecting ones between them included. Punctuation ends a run."""
    found: list[list[str]] = [[]]
    tokens = text.split()
    for at, token in enumerate(tokens):
        word = token.strip('(),?!:;"')
        bare = word if re.fullmatch(r"(?:\w\.)+|Inc\.|Co\.|Ltd\.|St\.", word) else word.rstrip(".")
        following = tokens[at + 1].lstrip("(") if at + 1 < len(tokens) else ""
        capital = bool(re.match(r"[A-ZÀ-Þ0-9]", bare))
        connects = bool(found[-1]) and bare.lower() in CONNECTORS and bool(re.match(r"[A-ZÀ-Þ(]", following))
        if not (capital or connects):
            found.append([])
            continue
        found[-1].append(bare)
        if token.endswith((",", "?", "!", ":", ";", ")")) or word != bare or bare.endswith("'s"):
            found.append([])
    return [run for run in found if run]


def _is_plain(token: str) -> bool:
    word = token.lower().strip(".,?!'’:;()")
    if word.endswith("'s") and word[:-2] in words.COMMON:
        return True
    plain = word in words.COMMON or not word or word in times.MONTHS or word in times.WEEKDAYS
    return plain or bool(re.fullmatch(r"q[1-4]|[\d,.$€£]+[kmKM]?|smb|arr|crm|ceo|cfo|cto|usd|eur|gbp", word))


def _is_value(run: str) -> bool:
    low = run.lower().rstrip("'s") if run.endswith("'s") else run.lower()
    tables = (
        words.COUNTRIES,
        words.INDUSTRIES,
        words.SEGMENTS,
        words.STAGES,
        words.STATUSES,
        words.ROLES,
        words.KINDS,
        words.HEALTHS,
    )
    return any(low in table for table in tables)


def left_over(rest: str) -> list[str]:
    """Words that mean nothing else, those that stand together as one."""
    return [run for _, run in _unknown_runs(rest)]


def _lower_case_names(rest: str) -> tuple[str, ...]:
    """Unknown words may be a name that was typed in lower case.

    Several such places make a sentence that is not understood, unless one of them stands where names do.
    """
    found = [(before, run) for before, run in _unknown_runs(rest) if len(run.split()) <= 5]
    placed = [name for before, name in found if before in BEFORE_NAMES]
    if placed or len(found) == 1:
        return tuple(placed or [name for _, name in found])
    return ()


def _unknown_runs(rest: str) -> list[tuple[str, str]]:
    """Each with the word before it."""
    tables = (
        words.STAGES,
        words.SEGMENTS,
        words.STATUSES,
        words.HEALTHS,
        words.ROLES,
        words.KINDS,
        words.COUNTRIES,
        words.GROUPS,
    )
    for table in tables:
        rest = words.without(table, rest)
    runs: list[tuple[str, list[str]]] = [("", [])]
    before = ""
    for token in re.findall(r"[^\s,;:?!()\"¿¡]+|[,;:?!()]", rest):
        word = token.strip(".'")
        base = word.removesuffix("'s")
        if (
            not re.match(r"[a-zà-ÿ0-9]", base)
            or {base, word} & words.COMMON
            or len(base) < 2
            or base.isdecimal()
            or base in times.NUMBERS
        ):
            runs.append(("", []))
        elif not runs[-1][1]:
            runs[-1] = (before, [base])
        else:
            runs[-1][1].append(base)
        before = word
    # An industry by itself is no name; beside an unknown word it is part of one.
    return [
        (before, " ".join(run))
        for before, run in runs
        if run and words.without(words.INDUSTRIES, " ".join(run)).strip()
    ]


def _status(rest: str) -> str | None:
    """``clients who have churned`` are churned."""
    found = {words.find({word: value}, rest) for word, value in words.STATUSES.items()} - {None}
    return "churned" if "churned" in found else words.find(words.STATUSES, rest)


def _country(rest: str, text: str) -> str | None:
    found = words.find(words.COUNTRIES, rest)
    if (
        found == "United States"
        and re.search(r"\bus\b", rest)
        and not re.search(r"\bUS\b|\bUSA\b|\bU\.S\.", text)
    ):
        return words.find({key: value for key, value in words.COUNTRIES.items() if key != "us"}, rest)
    return found


def _amounts(text: str) -> tuple[float | None, float | None, str]:
    if match := BETWEEN.search(text):
        low, high = _figure(match[1], match[2] or match[4]), _figure(match[3], match[4])
        return low, high, text.replace(match[0], " ")
    least = most = None
    if (match := AT_LEAST.search(text)) and _is_money(match):
        least = _figure(match[1], match[2])
        text = text.replace(match[0], " ")
    if (match := AT_MOST.search(text)) and _is_money(match):
        most = _figure(match[1], match[2])
        text = text.replace(match[0], " ")
    return least, most, text


def _is_money(match: re.Match[str]) -> bool:
    """Small figures without unit or sign count something else."""
    return bool(match[2] or re.search(r"[$€£]", match[0])) or _figure(match[1], None) >= 100


def _figure(digits: str, unit: str | None) -> float:
    """``50,000``, ``1.5``, ``50.000``: a point before three digits separates thousands unless a unit follows."""
    digits = digits.rstrip(".,")
    if re.fullmatch(r"\d{1,3}(,\d{3})+(\.\d+)?", digits):
        digits = digits.replace(",", "")
    elif re.fullmatch(r"\d{1,3}(\.\d{3})+", digits) and not unit:
        digits = digits.replace(".", "")
    else:
        digits = digits.replace(",", ".")
    factor = {None: 1, "k": 1e3, "thousand": 1e3, "m": 1e6, "mn": 1e6, "million": 1e6, "bn": 1e9}[unit]
    return round(float(digits) * factor, 2)


def _limit(text: str) -> int | None:
    match = TOP.search(text)
    if match is None:
        return None
    found = match[1] or match[2]
    number = times.number(found)
    return number if 1 <= number <= 50 else None

"""Assertions that code can decide, as short sentences. Whatever is not one of them is for the model judge.

    has section Today · has no section Deals · at most 350 words · at least 100 words · every statement has a source
    mentions Commit · does not mention "touching base" · section Today has at most 5 items · names a next step · asks back

``must:`` in front makes it one that has to pass.
"""

import re
from dataclasses import dataclass
from typing import Final

MUST: Final = re.compile(r"^\s*must(?:[ -]pass)?\s*:\s*", re.IGNORECASE)
LITERAL_WORDS: Final = (
    6  # "mentions" and more words than these is a matter for a judge, unless they are quoted
)

_QUOTED = re.compile(r"""^["“'‘`](.+)["”'’`]$""")
_FORMS: Final = tuple(
    (name, re.compile(pattern, re.IGNORECASE))
    for name, pattern in (
        ("most_words", r"(?:has |is )?at most (?P<number>\d{1,6}) words"),
        ("least_words", r"(?:has |is )?at least (?P<number>\d{1,6}) words"),
        ("sourced", r"every statement has (?:a|its) source"),
        ("next_step", r"names (?:a|the) next step"),
        ("asks_back", r"asks back"),
        ("no_section", r"has no section (?:called )?(?P<text>.+)"),
        ("section", r"has (?:a |the )?section (?:called )?(?P<text>.+)"),
        ("most_items", r"section (?P<text>.+?) has at most (?P<number>\d{1,4}) (?:items?|rows?|statements?)"),
        (
            "least_items",
            r"section (?P<text>.+?) has at least (?P<number>\d{1,4}) (?:items?|rows?|statements?)",
        ),
        ("not_mentioned", r"(?:does not|doesn't|never) mentions? (?P<text>.+)"),
        ("mentioned", r"mentions (?P<text>.+)"),
    )
)


@dataclass(frozen=True, kw_only=True)
class Check:
    """``form`` is one of ``_FORMS``; ``text`` a title or words, ``number`` a bound."""

    form: str
    text: str = ""
    number: int = 0


@dataclass(frozen=True, kw_only=True)
class Assertion:
    """``text`` is without "must:". ``check`` None: a model judges it."""

    text: str
    must: bool = False
    check: Check | None = None


def read_assertion(written: str, *, must: bool = False) -> Assertion:
    text = " ".join(written.split())
    if found := MUST.match(text):
        text, must = text[found.end() :], True
    return Assertion(text=text, must=must, check=_check(text.rstrip(" .")))


def _check(text: str) -> Check | None:
    for form, pattern in _FORMS:
        if not (found := pattern.fullmatch(text)):
            continue
        values = found.groupdict()
        words = (values.get("text") or "").strip()
        quoted = _QUOTED.match(words)
        if form in {"mentioned", "not_mentioned"} and not quoted and len(words.split()) > LITERAL_WORDS:
            return None
        return Check(form=form, text=quoted[1] if quoted else words, number=int(values.get("number") or 0))
    return None

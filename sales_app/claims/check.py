"""Checking a document: each statement against the facts that it cites."""

import re
from dataclasses import replace
from datetime import date

from sales_app.claims.dates import When, agree
from sales_app.claims.doers import another_doer, deeds
from sales_app.claims.finding import Finding
from sales_app.claims.names import OFFICES, Name, names, strangers
from sales_app.claims.numbers import Number, same
from sales_app.claims.polarity import tells_of_saying
from sales_app.claims.reckoning import counts_its_list, exchanged, is_derived, is_elapsed, ties
from sales_app.claims.sense import is_advice, wrong_sense
from sales_app.claims.support import Support, apart
from sales_app.claims.words import STOP, folded, plain, sentences, words
from sales_app.documents import Block, Document, Section
from sales_app.facts import Fact


def check(document: Document, *, today: date) -> Document:
    """The document with ``flag`` and ``why`` set on every statement that its sources do not support. Pure."""
    facts = {fact.id: fact for fact in document.facts}
    sections = tuple(_checked(section, facts, today) for section in document.sections)
    return replace(document, sections=sections)


def unsupported(document: Document) -> int:
    return sum(block.flag == "unsupported" for _, _, block in document.statements())


def _checked(section: Section, facts: dict[str, Fact], today: date) -> Section:
    blocks = []
    for block in section.blocks:
        finding = None if block.kind == "note" else _of_block(block, facts, today)
        blocks.append(
            replace(block, flag="unsupported" if finding else "", why=finding.why if finding else "")
        )
    return replace(section, blocks=tuple(blocks))


def _of_block(block: Block, facts: dict[str, Fact], today: date) -> Finding | None:
    text = " | ".join(block.cells) if block.kind == "row" else block.text
    unknown = [each for each in block.cites if each not in facts]
    if unknown:
        return Finding(kind="source", why=f"It names a source that does not exist ({', '.join(unknown)}).")
    return problem_of(text, [facts[each] for each in block.cites], today=today, advice=block.kind == "action")


def problem_of(text: str, facts: list[Fact], *, today: date, advice: bool = False) -> Finding | None:
    """What is wrong with a statement that rests on these facts; None when they support it.

    ``advice``: it may tell to do something that no record holds, but its numbers, dates and names have to be there.
    """
    text = plain(text).strip()
    if not text:
        return None
    whens, figures = apart(text, today=today)
    called = names(text)
    if not facts:
        return _without_source(text, whens, figures, called, advice=advice)
    support = Support(tuple(facts), today)
    return (
        _wrong_date(text, whens, support)
        or _wrong_number(text, whens, figures, support)
        or _wrong_name(called, text, support)
        or _wrong_pair(text, figures, called, facts, today)
        or _wrong_doer(text, support)
        or next(
            (found for each in sentences(text) if (found := wrong_sense(each, support, advice=advice))), None
        )
    )


def _without_source(
    text: str, whens: list[When], figures: list[Number], called: list[Name], *, advice: bool
) -> Finding | None:
    claims = bool(whens or figures) or any(not name.opening or len(name.parts) > 1 for name in called)
    free = advice or is_advice(text) or len(words(text)) < 4
    if claims or not free:
        return Finding(kind="source", why="No source is given for this.")
    return None


def _wrong_date(text: str, whens: list[When], support: Support) -> Finding | None:
    known_whens = support.whens + (support.stamped if tells_of_saying(text) else [])
    for when in whens:
        if is_advice(text) and when.is_soon(support.today):
            continue
        near = [known for known in known_whens if agree(when, known, today=support.today)]
        if not near:
            return Finding(kind="date", why=f"“{when.written}” is not in its sources.")
        told = {known.relation for known in near}
        if when.relation and "" not in told and when.relation not in told:
            known = near[0]
            return Finding(
                kind="negation",
                why=f"It says “{when.relation} {when.written}”; the source says “{known.relation} {known.written}”.",
            )
    return None


def _wrong_number(text: str, whens: list[When], figures: list[Number], support: Support) -> Finding | None:
    for number in figures:
        counts = number.unit == "" and number.value == len(support.facts) > 1
        if counts or any(same(number, known) for known in support.numbers):
            theirs = exchanged(number, ties(number, text, whens), support.bound)
            if theirs:
                return Finding(
                    kind="number",
                    why=f"“{number.written}” is something else there; the source says “{theirs.written}”.",
                )
            continue
        if not (
            is_elapsed(number, text, support.days, support.spans, support.today)
            or any(is_derived(number, text, known) for _, _, known in support.readings)
            or counts_its_list(number, text)
        ):
            return Finding(kind="number", why=f"“{number.written}” is not in its sources.")
    return None


def _wrong_name(called: list[Name], text: str, support: Support) -> Finding | None:
    for name in called:
        missing = strangers(name, support.words)
        if not missing:
            continue
        alone = name.opening and len(name.parts) == 1 and name.parts[0] not in OFFICES
        if alone and not _looks_like_a_name(name, text):
            continue
        # "Yesterday Dana Wu", "Ask Dana Wu": the first word is only a sentence's first.
        if name.opening and len(name.parts) > 1 and missing == [name.parts[0]] and _only_opens(missing[0]):
            continue
        return Finding(kind="name", why=f"“{name.written}” is not in its sources.")
    return None


def _wrong_doer(text: str, support: Support) -> Finding | None:
    for deed in deeds(text):
        theirs = another_doer(deed, support.deeds)
        if theirs:
            return Finding(
                kind="name", why=f"Its sources say this of {theirs.written}, not of {deed.written}."
            )
    return None


# After a gerund or an adverb, these make no name of it: "Sizing is open".
_IS_AFTER = re.compile(r"^\s+(?:is|was|has|had|will)\b")
_VERB_AFTER = re.compile(
    r"^(?:'s|’s)?\s+(?:is|was|has|had|will|wants|asked|said|says|wrote|owns|joined|signed|confirmed|agreed|owes|pays|needs|plans|renews|decides|expects|told|sent|raised|mentioned|leads|runs|chose|bought|uses|and\s+[A-Z]|from|of\s+[A-Z])\b|^(?:'s|’s)\s|^,? (?:the )?(?:CEO|CFO|CTO|COO|CIO|CISO|VP|head of)\b"
)


def _looks_like_a_name(name: Name, text: str) -> bool:
    """Of a first word: what follows it is what follows a name, and it is no word of the language that starts sentences."""
    first = name.written.split()[0]
    after = text[name.start + len(first) :]
    if _only_opens(folded(first)) and (folded(first) in _STARTERS or _IS_AFTER.match(after)):
        return False
    return bool(_VERB_AFTER.match(after))


def _only_opens(word: str) -> bool:
    return word in _STARTERS or word in STOP or is_advice(word) or word.endswith(("ly", "ing", "ed"))


_STARTERS = frozenset(
    """the a an this that these those it they he she we you there their his her its our your my who what when where why how which one two three four five six seven eight nine ten both each every
    all any some many most few several no none nobody nothing not and but or so if as at in on by for from with without to of since until after before during while because although however also still only
    last next first second third then now today tomorrow yesterday pricing price budget renewal legal security procurement risk risks team everyone everybody somebody someone competitor competitors contract
    timeline deal deals account accounts champion buyer customer customers usage health status pipeline forecast revenue quota demo pilot support onboarding training implementation integration migration
    email mail call calls meeting meetings note notes task tasks stage amount owner overall currently recently previously nothing something work decision""".split()
)


def _wrong_pair(
    text: str, figures: list[Number], called: list[Name], facts: list[Fact], today: date
) -> Finding | None:
    """Two facts cited together, and the number of the one said of the other: ``Acme $40k, Globex $90k`` the wrong way round."""
    if len(facts) < 2 or not figures:
        return None
    each = [(Support((fact,), today), fact) for fact in facts]
    for number in figures:
        holders = [support for support, _ in each if any(same(number, known) for known in support.numbers)]
        name = _nearest(text, number, called)
        if name is None or not holders:
            continue
        named = [support for support, _ in each if not strangers(name, support.words)]
        if named and not any(support in holders for support in named):
            return Finding(
                kind="number", why=f"“{number.written}” is not said of {name.written} in its sources."
            )
    return None


def _nearest(text: str, number: Number, called: list[Name]) -> Name | None:
    """The name in front of the number within its clause."""
    start = max(text.rfind(mark, 0, number.start) for mark in (";", ". ", ", ", " and ", "\n")) + 1
    before = [name for name in called if start <= name.start and name.end <= number.start]
    return before[-1] if before else None

"""Who does what, as far as a name stands right before its verb: ``Acme buys Globex`` is not ``Globex buys Acme``."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from sales_app.claims.names import Name, known_words, names
from sales_app.claims.words import STOP, stem

_BEFORE_THE_VERB = re.compile(
    r"^(?:,| \([^)]*\))?\s+(?P<helpers>(?:(?:is|are|was|were|be|been|being|has|have|had|will|would|can|could|may|might|do|does|did|"
    r"not|never|also|now|still|yet|already|only)\s+)*)(?P<verb>[a-z]{3,})\b(?P<rest>[^.;]*)"
)
_PASSIVE = re.compile(r"\b(?:is|are|was|were|be|been|being)\b")
_AND_ALSO = re.compile(r"\b(?:and|but)(?: (?:has|have|had|is|was|does|did|will|not))* ([a-z]+ed)\b")
_WE = re.compile(r"\b[Ww]e\b")
_US = re.compile(r"\b(?:we|us|our|ours)\b", re.IGNORECASE)
_TELLS_MORE = re.compile(r"^(?:,(?: [\w-]+){0,6}| (?:of|at|from|for|in|with)(?: the)?)\s+$")
_SAYS = frozenset(map(stem, ("said", "wrote", "told", "warned", "asked", "thinks")))
# Who promised something owes it.
_ALIKE = {stem("promised"): stem("owes")}


@dataclass(frozen=True, kw_only=True)
class Deed:
    """``doer`` are the folded words of a name, or ``we``."""

    doer: frozenset[str]
    written: str
    verb: str


def deeds(text: str) -> Iterator[Deed]:
    called = [name for name in names(text) if not STOP.issuperset(name.parts)]
    for place, name in enumerate(called):
        found = _BEFORE_THE_VERB.match(text[name.end :])
        if found is None or not _is_verb(found) or name.written.endswith(("'s", "’s")):
            continue
        if _PASSIVE.search(found["helpers"]) and not found["verb"].endswith("ing"):
            doers = _by_whom(name.end + found.start("rest"), found["rest"], called)
        else:
            doers = _named_together(called[: place + 1], text)
        if doers:
            parts = frozenset(part for each in doers for part in each.parts)
            yield Deed(doer=parts, written=doers[0].written, verb=_verb(found["verb"]))
            for also in _AND_ALSO.finditer(found["rest"]):
                yield Deed(doer=parts, written=doers[0].written, verb=_verb(also[1]))
    for we in _WE.finditer(text):
        found = _BEFORE_THE_VERB.match(text[we.end() :])
        if found and found["verb"] not in STOP and not _PASSIVE.search(found["helpers"]):
            yield Deed(doer=frozenset({"we"}), written=we[0], verb=_verb(found["verb"]))


def another_doer(claimed: Deed, known: list[tuple[str, list[Deed]]]) -> Deed | None:
    """Who does it in the sources, when that is somebody else and the claimed one has another part there.

    ``known`` are the deeds of each text. Whoever speaks there may stand for the company that he speaks of.
    """
    found: list[Deed] = []
    for text, theirs in known:
        same = [deed for deed in theirs if deed.verb == claimed.verb]
        speaks = any(deed.doer & claimed.doer and deed.verb in _SAYS for deed in theirs)
        if same and (
            speaks or any(deed.doer & claimed.doer for deed in same) or not _has_part(claimed, text)
        ):
            return None
        found += same
    return found[0] if found else None


def _has_part(claimed: Deed, text: str) -> bool:
    if claimed.doer == {"we"}:
        return bool(_US.search(text))
    return not claimed.doer.isdisjoint(known_words([text]))


def _is_verb(found: "re.Match[str]") -> bool:
    verb = found["verb"]
    return verb not in STOP and (bool(found["helpers"]) or verb.endswith(("s", "ed")) or verb != stem(verb))


def _named_together(called: list[Name], text: str) -> list[Name]:
    """The last of these names, and those of which it tells more: ``Ann Lee, our champion at Acme, leaves``."""
    found = [called[-1]]
    for name in reversed(called[:-1]):
        if not _TELLS_MORE.match(text[name.end : found[0].start]):
            break
        found.insert(0, name)
    return found


def _by_whom(offset: int, rest: str, called: list[Name]) -> list[Name]:
    by = re.search(r"\bby (?:the )?", rest)
    return [name for name in called if by and name.start == offset + by.end()]


def _verb(word: str) -> str:
    trunk = stem(word)
    return _ALIKE.get(trunk, trunk)

"""Filling in fragments: wordings, names, and facts as one person or the other would say them."""

import random
import re

_CHOICE = re.compile(r"<([^<>]*\|[^<>]*)>")


def fill(text: str, facts: dict[str, str], dice: random.Random) -> str:
    chosen = _CHOICE.sub(lambda found: dice.choice(found[1].split("|")), text)
    return chosen.format(**facts)


def sentence(text: str) -> str:
    """With a capital letter at the beginning."""
    return text[:1].upper() + text[1:]


def spoken(facts: dict[str, str]) -> dict[str, str]:
    """``need`` and ``tool`` say "their": what the customer's people call "our" and ours "your"."""
    forms = {}
    for name in ("need", "tool"):
        for form, word in (("we", "our"), ("you", "your"), ("bare", "the")):
            said = re.sub(r"\btheir\b", word, facts[name])
            forms[f"{name}_{form}"] = said
            forms[f"{name}_{form}_cap"] = sentence(said)
    return {**facts, **forms, "pain_cap": sentence(facts["pain"])}

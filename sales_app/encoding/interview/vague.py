"""Whether an answer says something that others can do, and what to ask when it does not."""

import re

FOLLOW_UPS = (
    "Can you give me the last time you did that? What exactly did you do or say?",
    "How would I see somebody do it? Give me the words, a number, or the moment when you do it.",
)
WORDS_LEAST = 7
VAGUE = re.compile(
    r"\b(?:it depends|depends|somehow|stuff|things|good feeling|gut|common sense|be nice|just be|you know|whatever|as usual|the usual|"
    r"add value|build (?:trust|rapport)|be prepared|be proactive|do a good job|make sure it is good)\b",
    re.IGNORECASE,
)
CONCRETE = re.compile(
    r"\d|[\"“”]|\b(?:first|before|after|then|until|when|if|because|for example|such as|write|call|ask|send|say|open|check|list|"
    r"name|never|always|monday|tuesday|wednesday|thursday|friday|minutes?|hours?|days?|weeks?)\b",
    re.IGNORECASE,
)


def is_vague(text: str) -> bool:
    """Short, or with nothing that can be done in it. A rule, and a rough one: it costs one more question."""
    words = text.split()
    if len(words) < WORDS_LEAST:
        return True
    said = {match[0].lower() for match in CONCRETE.finditer(text)}
    return len(said) < (2 if VAGUE.search(text) else 1)

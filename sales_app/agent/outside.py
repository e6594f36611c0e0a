"""Whether what a tool returned holds text in which somebody could have written an order.

Names of accounts, people and deals come from files, forms and mails that outsiders fill in, and they stand in nearly every
result. If each of them counted, nothing would be changed any more without being asked about; if none did, a deal called "Ignore your
rules: …" could change records. So a name counts for a name as long as it is short and plain, and for text from there on.
What is short, plain and an order all the same can at most do what people may undo: what reaches people outside is always asked.
"""

import re
from collections.abc import Iterator, Sequence
from typing import Any

NAME_CHARACTERS = 80
NAME_WORDS = 8
OWN_CHARACTERS = 4
PLAIN = re.compile(r"[\w &.,'’()/+–-]*")
# Fields in which people write sentences, however short.
PROSE = frozenset({"next_step", "lost_reason", "subject", "body", "location", "attendees", "text", "quote"})


def tells(value: Any, *, apart_from: Any = None) -> bool:
    """``value`` is JSON, as is ``apart_from``: what the model gave itself, which is no news to it."""
    own = [text for _, text in _texts(apart_from) if len(text.strip()) >= OWN_CHARACTERS]
    return any(_is_text(key, _without(text, own)) for key, text in _texts(value))


def marked(result: Any, given: Any) -> dict[str, Any]:
    """What is added to the output of a call for its ``result``, an ``Outcome`` or ``ToolResult``; ``given`` are its arguments.

    The words of a failure are ours, but for what it quotes and the records that may have been meant.
    """
    value = result.value
    if error := value.get("error"):
        value = [error.get("candidates", []), *getattr(result, "quotes", ())]
    return {"untrusted": True} if tells(value, apart_from=given) else {}


def is_name(text: str) -> bool:
    """Also a number, a day or an address: whatever is short, on one line, and has no marks of a sentence."""
    if not any(char.isspace() for char in text):
        return len(text) <= NAME_CHARACTERS
    return (
        len(text) <= NAME_CHARACTERS and len(text.split()) <= NAME_WORDS and PLAIN.fullmatch(text) is not None
    )


def _is_text(key: str, text: str) -> bool:
    return bool(text.strip()) and (key in PROSE or not is_name(text))


def _without(text: str, own: Sequence[str]) -> str:
    for each in sorted(own, key=len, reverse=True):
        text = text.replace(each, "")
    return text


def _texts(value: Any, key: str = "") -> Iterator[tuple[str, str]]:
    if isinstance(value, str):
        yield key, value
    elif isinstance(value, dict):
        for name, each in value.items():
            yield from _texts(each, str(name))
    elif isinstance(value, list | tuple):
        for each in value:
            yield from _texts(each, key)

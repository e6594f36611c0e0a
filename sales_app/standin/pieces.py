"""Text in the pieces in which it is streamed: a few tokens at a time, uneven as in life, the same for the same seed."""

import random
import re
from collections.abc import Iterator

TOKEN = re.compile(r"\s*\S{1,6}|\s+")


def pieces(text: str, *, seed: int) -> Iterator[tuple[str, int]]:
    """``(piece, tokens in it)``."""
    chance = random.Random(f"{seed}:{text[:80]}")  # noqa: S311
    found = TOKEN.findall(text)
    at = 0
    while at < len(found):
        size = chance.choice((1, 1, 2, 2, 3))
        part = found[at : at + size]
        yield "".join(part), len(part)
        at += size


def filler(count: int) -> Iterator[tuple[str, int]]:
    """``count`` tokens, one to a piece."""
    for number in range(1, count + 1):
        yield (f"word{number % 1000} " if number % 20 else "end.\n"), 1

"""How facts are written: exact, in one way, so that the claim checker reads back what the collector meant."""

import re
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

QUOTE_CHARACTERS = 280


def money(amount: Decimal, currency: str) -> str:
    """``USD 12,500``; cents only where there are any."""
    decimals = 0 if amount == amount.to_integral_value() else 2
    return f"{currency} {amount:,.{decimals}f}"


def moneys(sums: Iterable[tuple[str, Decimal]]) -> str:
    """Sums of several currencies side by side: they are never added. The largest first."""
    ordered = sorted(sums, key=lambda each: (-each[1], each[0]))
    return listed([money(amount, currency) for currency, amount in ordered]) or "nothing"


def day(value: date, today: date) -> str:
    """``Friday 27 November``, with the year when it is another one."""
    words = f"{value:%A} {value.day} {value:%B}"
    return words if value.year == today.year else f"{words} {value.year}"


def moment(at: datetime, zone: ZoneInfo, today: date) -> str:
    """``Friday 27 November at 09:30``; of today only the time."""
    local = at.astimezone(zone)
    clock = f"{local:%H:%M}"
    return f"today at {clock}" if local.date() == today else f"{day(local.date(), today)} at {clock}"


def count(number: int, noun: str, plural: str = "") -> str:
    """``1 deal``, ``3 deals``."""
    return f"{number:,} {noun if number == 1 else plural or noun + 's'}"


def listed(parts: Sequence[str]) -> str:
    """``a, b and c``."""
    return " and ".join([", ".join(parts[:-1]), parts[-1]]) if len(parts) > 1 else "".join(parts)


def short(text: str, characters: int = QUOTE_CHARACTERS) -> str:
    """On one line, cut at a word."""
    line = " ".join(text.split())
    return line if len(line) <= characters else line[: characters - 1].rsplit(" ", 1)[0] + "…"


def stop(text: str) -> str:
    """As the end of a sentence."""
    text = text.strip()
    return text if text.rstrip('"”)').endswith((".", "!", "?", "…")) else f"{text}."


def whole(text: str, characters: int) -> str:
    """As many whole sentences as fit, the first at least; a first one that is too long is cut."""
    found = re.split(r"(?<=[.!?])\s+", " ".join(text.split()))
    kept = short(found[0], characters)
    for sentence in found[1:]:
        if len(kept) + 1 + len(sentence) > characters:
            break
        kept = f"{kept} {sentence}"
    return kept

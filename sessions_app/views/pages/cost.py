"""Money as people say it."""

from decimal import Decimal

CENT = Decimal("0.01")


def cost_words(amount: Decimal | int | None) -> str:
    """US dollars: ``$0.00``, ``less than $0.01``, ``$1,234.56``; nothing when it is not known."""
    if amount is None:
        return ""
    return "less than $0.01" if 0 < amount < CENT else f"${amount:,.2f}"

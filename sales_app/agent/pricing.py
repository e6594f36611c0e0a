"""What a model call costs."""

from decimal import Decimal

from sales_app.agent.models import ModelPrice

MILLION = Decimal(1_000_000)

# List prices when this release was made, in US dollars for a million tokens; the admin's table overrides them.
# model: input, output, cache read, cache write
LIST_PRICES: dict[str, tuple[str, str, str, str]] = {
    "claude-opus-5-5": ("5", "25", "0.5", "6.25"),
    "claude-sonnet-5-5": ("3", "15", "0.3", "3.75"),
    "claude-haiku-5-5": ("1", "5", "0.1", "1.25"),
}

STAND_IN = "clewline-stand-in"


def ensure_prices() -> int:
    """Write the list prices of models that have no row yet. Returns how many."""
    known = set(ModelPrice.objects.values_list("model", flat=True))
    rows = [
        ModelPrice(
            model=model, input=prices[0], output=prices[1], cache_read=prices[2], cache_write=prices[3]
        )
        for model, prices in LIST_PRICES.items()
        if model not in known
    ]
    ModelPrice.objects.bulk_create(rows)
    return len(rows)


def prices_of(model: str) -> tuple[Decimal, Decimal, Decimal, Decimal] | None:
    """Input, output, cache read, cache write for a million tokens; None when no price is known."""
    if model == STAND_IN:
        return (Decimal(0),) * 4
    row = ModelPrice.objects.filter(model=model).order_by("-valid_from").first()
    if row is not None:
        return row.input, row.output, row.cache_read, row.cache_write
    listed = LIST_PRICES.get(model)
    return (
        None
        if listed is None
        else (Decimal(listed[0]), Decimal(listed[1]), Decimal(listed[2]), Decimal(listed[3]))
    )


def cost_of(
    model: str, *, input_tokens: int, output_tokens: int, cache_read_tokens: int, cache_write_tokens: int
) -> str | None:
    """US dollars as a decimal string with six places."""
    prices = prices_of(model)
    if prices is None:
        return None
    counts = (input_tokens, output_tokens, cache_read_tokens, cache_write_tokens)
    total = sum((price * count for price, count in zip(prices, counts, strict=True)), Decimal(0)) / MILLION
    return f"{total:.6f}"

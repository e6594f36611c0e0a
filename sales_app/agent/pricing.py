"""What a model call costs."""

from dataclasses import dataclass
from decimal import Decimal

from django.utils import timezone

from sales_app.agent.models import ModelPrice
from sales_app.standin import MODEL as STAND_IN

MILLION = Decimal(1_000_000)

# List prices in November 2026, in US dollars for a million tokens; the admin's table overrides them.
# (model, for prompts longer than so many tokens): input, output, cache read, cache write (five minutes)
LIST_PRICES: dict[tuple[str, int], tuple[str, str, str, str]] = {
    ("claude-opus-5-5", 0): ("4", "20", "0.20", "5"),
    ("claude-sonnet-5-5", 0): ("2", "10", "0.20", "2.50"),
    ("claude-haiku-5-5", 0): ("0.10", "0.50", "0.01", "0.125"),
    ("claude-haiku-5-5", 100_000): ("0.50", "2.50", "0.05", "0.625"),
}


@dataclass(frozen=True)
class Price:
    """US dollars for a million tokens."""

    input: Decimal
    output: Decimal
    cache_read: Decimal
    cache_write: Decimal


def ensure_prices() -> int:
    """Write the list prices of models that have no row yet. Returns how many."""
    known = set(ModelPrice.objects.values_list("model", flat=True))
    rows = [
        ModelPrice(
            model=model,
            prompt_above=above,
            input=Decimal(price[0]),
            output=Decimal(price[1]),
            cache_read=Decimal(price[2]),
            cache_write=Decimal(price[3]),
        )
        for (model, above), price in LIST_PRICES.items()
        if model not in known
    ]
    ModelPrice.objects.bulk_create(rows)
    return len(rows)


def price_of(model: str, *, prompt_tokens: int) -> Price | None:
    """The newest price that is valid for a prompt of that length; None when none is known."""
    if model == STAND_IN:
        return Price(Decimal(0), Decimal(0), Decimal(0), Decimal(0))
    rows = ModelPrice.objects.filter(model=model, valid_from__lte=timezone.now())
    row = rows.filter(prompt_above__lt=max(1, prompt_tokens)).order_by("-prompt_above", "-valid_from").first()
    if row is not None:
        return Price(row.input, row.output, row.cache_read, row.cache_write)
    listed = [
        (above, price)
        for (name, above), price in LIST_PRICES.items()
        if name == model and above < max(1, prompt_tokens)
    ]
    return Price(*map(Decimal, max(listed)[1])) if listed else None


def cost_of(
    model: str, *, input_tokens: int, output_tokens: int, cache_read_tokens: int, cache_write_tokens: int
) -> str | None:
    """US dollars as a decimal string with six places. ``input_tokens`` are those outside the cache."""
    prompt = input_tokens + cache_read_tokens + cache_write_tokens
    price = price_of(model, prompt_tokens=prompt)
    if price is None:
        return None
    total = (
        price.input * input_tokens
        + price.output * output_tokens
        + price.cache_read * cache_read_tokens
        + price.cache_write * cache_write_tokens
    )
    return f"{total / MILLION:.6f}"

"""Conditions that the stand-in understands well enough to know that it cannot apply them. Silence would be a wrong answer."""

from sales_app.standin.mind.reading import Reading

DEALS = (r"deals?", r"opportunit\w+", r"pipeline")
# (what is asked, whether only of deals, what is said)
CANNOT: tuple[tuple[tuple[str, ...], bool, str], ...] = (
    (
        (r"no next steps?", r"without (?:a |any )?next steps?", r"missing next steps?"),
        True,
        "I cannot pick out deals by their next step, so these are not narrowed down by it.",
    ),
    (
        (r"at risk", r"risky", r"slipping", r"stuck"),
        True,
        "I cannot tell which deals are at risk, so these are not narrowed down by it.",
    ),
    (
        (r"win rates?", r"conversion rates?"),
        False,
        "I cannot work out a rate. This is what I can say about it.",
    ),
    (
        (r"(?:total|sum of|overall) (?:the )?arr", r"arr in total"),
        False,
        "I do not add up ARR. This is what I can say about it.",
    ),
)


def note(reading: Reading) -> str:
    """What of the question the answer leaves out; empty when nothing is known to be."""
    of_deals = reading.has(*DEALS)
    said = [
        text for asked, deals_only, text in CANNOT if reading.has(*asked) and (of_deals or not deals_only)
    ]
    return " ".join(said)

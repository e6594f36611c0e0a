"""What a line may say: the counts of a signal as a fact, with the calls in which it can be heard."""

from collections.abc import Iterable

from sales_app.encoding.contrast import Row
from sales_app.encoding.models import StudiedCall
from sales_app.encoding.signals import BY_KEY
from sales_app.facts import Fact, Source
from sales_app.facts.fact import moment

KIND = "call_signal"
SOURCES_MOST = 8


def fact_of(row: Row, calls: Iterable[StudiedCall]) -> Fact:
    """Calls of the side where it is found more often come first."""
    first = "won" if row.difference >= 0 else "lost"
    ordered = sorted(calls, key=lambda call: (call.outcome != first, call.at, call.call_id))
    sources = [source for call in ordered for source in _sources(call, row.key)][:SOURCES_MOST]
    return Fact(
        kind=KIND,
        text=(
            f"In {row.won} of {row.won_of} won deals {BY_KEY[row.key].said}, "
            f"and in {row.lost} of {row.lost_of} lost deals."
        ),
        sources=tuple(sources),
        rank=abs(row.difference),
        values={
            "won": row.won,
            "won_of": row.won_of,
            "lost": row.lost,
            "lost_of": row.lost_of,
            "won_share": f"{row.won_share:.0%}",
            "lost_share": f"{row.lost_share:.0%}",
        },
        id=row.key,
    )


def counts(fact: Fact) -> str:
    """``in 12 of 14 won deals, in 3 of 12 lost ones``"""
    values = fact.values
    return f"in {values['won']} of {values['won_of']} won deals, in {values['lost']} of {values['lost_of']} lost ones"


def _sources(call: StudiedCall, key: str) -> list[Source]:
    spans = call.found.get(key, [])[:1]
    return [
        Source(
            category="calls",
            provider=call.provider,
            ref=call.call_id,
            label=f"{call.title}, {clock(span['at'])}, {call.outcome}",
            url=f"{call.url}#t{span['at']}",
            as_of=moment(call.at),
            quote=f"{span['speaker']}: {span['quote']}",
            untrusted=True,
        )
        for span in spans
    ]


def clock(seconds: int) -> str:
    return f"{seconds // 60}:{seconds % 60:02}"

"""The file beside a skill's text that says what its lines rest on. Models may read it, so no word of a customer is in it."""

from collections.abc import Sequence

from django.utils import timezone

from sales_app.encoding.contrast import contrast_from_json
from sales_app.encoding.models import Encoding, ProposedLine
from sales_app.encoding.statistics import FEW

Lines = Sequence[ProposedLine]


def evidence_of(encoding: Encoding, lines: Lines) -> dict[str, str]:
    """Path: Markdown."""
    kept = [line for line in lines if line.change != ProposedLine.Change.REMOVE]
    if not kept:
        return {}
    day = timezone.localdate().isoformat()
    text = (
        _of_calls(encoding, kept, day) if encoding.kind == Encoding.Kind.CALLS else _of_interview(kept, day)
    )
    return {f"reference/from-{encoding.kind}-{day}-{encoding.pk}.md": text}


def _of_calls(encoding: Encoding, lines: Lines, day: str) -> str:
    found = contrast_from_json(encoding.contrast)
    rows = {row.key: row for row in found.rows}
    criteria = encoding.criteria
    parts = [
        "# What the lines from calls rest on",
        f"Compared on {day}: calls of {found.won} won and {found.lost} lost deals that closed from {criteria['from']} to "
        f"{criteria['to']}. Intervals are 95 %. They say what goes together, not why.",
    ]
    if found.is_small:
        parts.append(f"Fewer than {FEW} deals on one side: hints, no proof.")
    for line in lines:
        row = rows[line.key]
        parts.append(f"## {row.title}")
        parts.append(
            f"Won {row.won} of {row.won_of}, lost {row.lost} of {row.lost_of}. Difference {row.difference:+.0%}, "
            f"interval {row.low:+.0%} to {row.high:+.0%}. Deals of {row.reps} of {row.reps_of} people."
        )
        parts.append("\n".join(f"- [{source['ref']}]({source['url']})" for source in line.fact["sources"]))
    return "\n\n".join(parts) + "\n"


def _of_interview(lines: Lines, day: str) -> str:
    parts = ["# What the lines from an interview rest on", f"Handed in on {day}."]
    for line in lines:
        (source,) = line.fact["sources"]
        parts.append(f"- {line.text} [message {source['ref']}]({source['url']})")
    return "\n\n".join(parts) + "\n"

"""From what was counted to lines for a skill's text: new ones, others in place of old ones, and old ones that no longer hold."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sales_app.encoding.contrast import Contrast, Row
from sales_app.encoding.facts import fact_of
from sales_app.encoding.models import ProposedLine, StudiedCall
from sales_app.encoding.signals import BY_KEY
from sales_app.encoding.statistics import FEW
from sales_app.encoding.wording import Wording, word
from sales_app.encoding.writing import shown
from sales_app.facts import Fact

Change = ProposedLine.Change

SMALL = f"Fewer than {FEW} won or fewer than {FEW} lost deals: take it as a hint."
ONE_PERSON = "It is heard in the deals of one person only: it may be their way, or their book."


@dataclass(frozen=True, kw_only=True)
class Proposal:
    lines: tuple[ProposedLine, ...]  # not saved
    wording: Wording


def propose(
    found: Contrast, calls: Sequence[StudiedCall], marked: Mapping[str, str], *, today: date
) -> Proposal:
    """``marked``: the lines of the skill that were drawn from calls before. Too few deals propose nothing."""
    if found.is_too_small:
        return Proposal(lines=(), wording=Wording(lines={}))
    standing = [row for row in found.rows if row.clear]
    facts = {row.key: fact_of(row, calls) for row in found.rows}
    wording = word([facts[row.key] for row in standing], today=today)
    lines = []
    for row in standing:
        worded = wording.lines[row.key]
        before = marked.get(row.key, "")
        if shown(before) == worded.text:
            continue
        lines.append(
            ProposedLine(
                key=row.key,
                change=Change.REPLACE if before else Change.ADD,
                before=shown(before),
                proposed=worded.text,
                refused=worded.refused[:500],
                fact=facts[row.key].as_json(),
                warnings=_warnings(row, found),
            )
        )
    for row in found.rows:
        if row.key in marked and not row.clear:
            lines.append(_removal(row, marked[row.key], facts[row.key], found))
    for place, line in enumerate(lines, 1):
        line.place = place
    return Proposal(lines=tuple(lines), wording=wording)


def _removal(row: Row, line: str, fact: Fact, found: Contrast) -> ProposedLine:
    why = f"“{BY_KEY[row.key].title}” no longer differs clearly between won and lost deals."
    return ProposedLine(
        key=row.key,
        change=Change.REMOVE,
        before=shown(line),
        fact=fact.as_json(),
        warnings=[why, *_warnings(row, found)],
    )


def _warnings(row: Row, found: Contrast) -> list[str]:
    warnings = [SMALL] if found.is_small else []
    if row.reps == 1 and row.reps_of > 1:
        warnings.append(ONE_PERSON)
    return warnings

"""People decide line by line; what they took becomes a draft. The first decision counts, and whoever comes second is told."""

from collections.abc import Iterable
from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from sales_app.encoding.comparing import base_of
from sales_app.encoding.errors import EncodingError
from sales_app.encoding.evidence import evidence_of
from sales_app.encoding.holding import problem
from sales_app.encoding.models import Encoding, ProposedLine
from sales_app.encoding.wording import one_line
from sales_app.encoding.writing import Entry, write
from sales_app.facts import fact_from_json
from sales_app.people.models import User
from sales_app.skills import store
from sales_app.skills.models import Skill, SkillVersion

State = ProposedLine.State
TAKEN = (State.ACCEPTED, State.EDITED)
ACCEPT, EDIT, REJECT, REOPEN = "accept", "edit", "reject", "reopen"
AFTER = {ACCEPT: State.ACCEPTED, EDIT: State.EDITED, REJECT: State.REJECTED, REOPEN: State.OPEN}


def decide(line: ProposedLine, action: str, *, by: User, seen: int, text: str = "") -> ProposedLine:
    """``action`` is accept, edit, reject or reopen; ``seen`` the revision that whoever decides had before them.

    Raises ``EncodingError``: ``line_decided`` when somebody else was quicker, ``line_numbers`` when an edit says numbers that were
    not counted, ``line_empty``, and ``encoding_over`` when the draft is made.
    """
    text = _text_after(line, action, text)
    with transaction.atomic():
        # Held as a draft being made holds it: no decision slips in behind the draft.
        encoding = Encoding.objects.select_for_update().get(pk=line.encoding_id)
        if encoding.state != Encoding.State.READY:
            raise EncodingError(
                "encoding_over", "These lines can no longer be decided.", "Open the draft, and edit that."
            )
        changed = ProposedLine.objects.filter(pk=line.pk, revision=seen).update(
            state=AFTER[action],
            text=text,
            revision=F("revision") + 1,
            decided_by=None if action == REOPEN else by,
            decided_at=None if action == REOPEN else timezone.now(),
        )
    line.refresh_from_db()
    if not changed and not _is_the_same(line, action, text, by):
        raise EncodingError(
            "line_decided",
            f"{line.decided_by or 'Somebody'} was quicker: the line is {line.get_state_display().lower()}.",
            "Look at it again, then decide.",
        )
    return line


def make_draft(encoding: Encoding, *, by: User, note: str) -> SkillVersion:
    """The lines that were taken, in the text that counts now, as a draft. A second press gets the same one.

    Raises ``EncodingError`` ``encoding_undecided``, ``encoding_nothing``, ``encoding_over``, and ``SkillError``.
    """
    with transaction.atomic():
        held = Encoding.objects.select_for_update().get(pk=encoding.pk)
        if held.draft is not None:
            return held.draft
        if held.state != Encoding.State.READY:
            raise EncodingError(
                "encoding_over", "There is nothing to make a draft of yet.", "Wait until it is read."
            )
        lines = list(held.lines.all())
        if waiting := sum(line.state == State.OPEN for line in lines):
            raise EncodingError(
                "encoding_undecided",
                f"{waiting} of {len(lines)} lines are not decided.",
                "Accept or reject each of them first.",
            )
        taken = [line for line in lines if line.state in TAKEN]
        if not taken:
            raise EncodingError(
                "encoding_nothing", "No line was accepted.", "Accept one, or leave the skill as it is."
            )
        skill = Skill.objects.select_related("published").get(pk=held.skill_id)
        base = base_of(skill)
        if base is None:
            raise EncodingError("encoding_no_text", f"{skill} has no version yet.", "Write a first one.")
        files = write(store.files_of(base), _entries(held, taken), evidence_of(held, taken))
        draft = store.draft(
            skill.name,
            files,
            by=by,
            note=note or f"{len(taken)} of {len(lines)} lines taken. {held.get_kind_display()}.",
            origin=SkillVersion.Origin.ENCODED,
            based_on=base,
        )
        values: dict[str, Any] = {"draft": draft, "state": Encoding.State.DRAFTED}
        if held.private:
            values |= {"private": False, "handed_in_at": timezone.now()}
        Encoding.objects.filter(pk=held.pk).update(**values)
    encoding.refresh_from_db()
    return draft


def _entries(encoding: Encoding, taken: Iterable[ProposedLine]) -> list[Entry]:
    from_calls = encoding.kind == Encoding.Kind.CALLS
    return [
        Entry(
            source="calls" if from_calls else "interview",
            key=line.key if from_calls else f"{encoding.pk}.{line.key}",
            text=None if line.change == ProposedLine.Change.REMOVE else line.text,
        )
        for line in taken
    ]


def _text_after(line: ProposedLine, action: str, text: str) -> str:
    if action == ACCEPT:
        return line.proposed
    if action != EDIT:
        return ""
    text = one_line(text)
    if not text:
        raise EncodingError("line_empty", "An edited line needs words.", "Write it, or reject the line.")
    if line.change == ProposedLine.Change.REMOVE:
        raise EncodingError(
            "line_removal", "This line is to go, so there is nothing to word.", "Accept or reject it."
        )
    # What somebody who was interviewed says is their own; what is said of calls has been counted.
    is_counted = line.encoding.kind == Encoding.Kind.CALLS
    if is_counted and (why := problem(text, fact_from_json(line.fact), today=timezone.localdate())):
        raise EncodingError(
            "line_numbers", f"This was not counted: {why}", "Use the counts as they are, or none."
        )
    return text


def _is_the_same(line: ProposedLine, action: str, text: str, by: User) -> bool:
    """The same decision sent twice by one person."""
    return (
        line.state == AFTER[action]
        and line.text == text
        and line.decided_by_id == (None if action == REOPEN else by.pk)
    )

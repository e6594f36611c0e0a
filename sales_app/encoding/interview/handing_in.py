"""Handing an interview in: only then do others see it. One's own words need no second look, so what is open is taken."""

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from sales_app.encoding.deciding import make_draft
from sales_app.encoding.models import Encoding, ProposedLine
from sales_app.people.models import User
from sales_app.skills.models import SkillVersion


def hand_in(encoding: Encoding, *, by: User) -> SkillVersion:
    """A second press gets the same draft. Raises what ``make_draft`` raises, and then nothing is handed in."""
    with transaction.atomic():
        held = Encoding.objects.select_for_update().get(pk=encoding.pk)
        if held.draft is None:
            held.lines.filter(state=ProposedLine.State.OPEN).update(
                state=ProposedLine.State.ACCEPTED,
                text=F("proposed"),
                revision=F("revision") + 1,
                decided_by=by,
                decided_at=timezone.now(),
            )
        return make_draft(encoding, by=by, note=f"What {by} told in an interview.")

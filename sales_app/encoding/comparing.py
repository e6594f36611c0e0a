"""A comparison of calls at work: begun, claimed, read call by call, counted, worded. Whoever takes it over goes on where it was.

Each call that was read is a commit of its own. A worker that lost its claim finds out at the next one and leaves.
"""

import logging
import uuid
from datetime import timedelta
from typing import Any

from asgiref.sync import async_to_sync
from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone
from kombu.exceptions import OperationalError

from sales_app.connectors.base import ConnectorError, ask
from sales_app.encoding import choosing
from sales_app.encoding.choosing import Criteria, criteria_from_json
from sales_app.encoding.contrast import Call, contrast
from sales_app.encoding.errors import EncodingError
from sales_app.encoding.models import Encoding, ProposedLine, StudiedCall
from sales_app.encoding.proposing import propose
from sales_app.encoding.signals import heard, measures_of, signals_in
from sales_app.encoding.writing import marked_in
from sales_app.people.models import User
from sales_app.skills.models import Skill, SkillFile, SkillVersion
from sales_app.skills.text import FILE

logger = logging.getLogger(__name__)

State = Encoding.State
Json = dict[str, Any]

# The longest single wait is the model's; a worker that is gone is noticed after this.
CLAIM_LASTS = timedelta(minutes=4)
MAX_ATTEMPTS = 5


class Superseded(Exception):
    """Somebody else goes on with it, or it has ended."""


def begin(skill: Skill, *, by: User, criteria: Criteria) -> Encoding:
    """Queue a comparison. Raises ``EncodingError`` ``encoding_period``, ``encoding_no_text`` or ``encoding_no_deals``."""
    if criteria.since > criteria.until:
        raise EncodingError(
            "encoding_period", "The period ends before it begins.", "Choose an earlier first day."
        )
    base = base_of(skill)
    if base is None:
        raise EncodingError("encoding_no_text", f"{skill} has no version yet.", "Write a first one.")
    stages = set(choosing.deals_of(by, criteria).values_list("stage", flat=True))
    if missing := {"won", "lost"} - stages:
        raise EncodingError(
            "encoding_no_deals",
            f"No deal of these was {' and none '.join(sorted(missing))}, so there is nothing to compare.",
            "Choose a longer period, or more people.",
        )
    encoding = Encoding.objects.create(
        kind=Encoding.Kind.CALLS,
        state=State.QUEUED,
        skill=skill,
        based_on=base,
        asked_by=by,
        criteria=criteria.as_json(),
    )
    wake(encoding)
    return encoding


def base_of(skill: Skill) -> SkillVersion | None:
    """What lines are written into: the published version, or the newest where none is."""
    return skill.published or skill.versions.order_by("-number").first()


def again(encoding: Encoding) -> None:
    """After a failure: from where it was."""
    changed = Encoding.objects.filter(pk=encoding.pk, state=State.FAILED, kind=Encoding.Kind.CALLS).update(
        state=State.QUEUED, error="", attempts=0, claim=None, claimed_until=None
    )
    if changed:
        wake(encoding)


def wake(encoding: Encoding) -> None:
    """Lost without a broker; then the sweep begins it a little later."""
    from sales_app.encoding.tasks import compare  # noqa: PLC0415  tasks import this module

    def send() -> None:
        try:
            compare.delay(encoding_id=encoding.pk)
        except OperationalError:
            logger.warning("Nobody could be told of encoding %s; the sweep will.", encoding.pk)

    transaction.on_commit(send)


def abandoned() -> list[int]:
    """Those at work that nobody holds: their worker is gone, or their wake-up was lost."""
    now = timezone.now()
    free = Q(claimed_until=None, created_at__lt=now - timedelta(seconds=20)) | Q(claimed_until__lt=now)
    return list(Encoding.objects.filter(free, state__in=Encoding.WORKING).values_list("pk", flat=True))


def work(encoding_id: int) -> bool:
    """Do all that is left. False when somebody else does, or nothing is left."""
    claim = _claim(encoding_id)
    if claim is None:
        return False
    try:
        _read(encoding_id, claim)
        _propose(encoding_id, claim)
    except Superseded:
        return False
    except ConnectorError as problem:
        _fail(encoding_id, claim, str(problem))
    except Exception:
        # Whoever sweeps tries again, up to the limit.
        Encoding.objects.filter(pk=encoding_id, claim=claim).update(claimed_until=timezone.now())
        raise
    return True


def progress(encoding: Encoding) -> tuple[int, int]:
    """Calls that were read, of how many."""
    return encoding.calls.exclude(read_at=None).count(), encoding.calls.count()


def _claim(encoding_id: int) -> uuid.UUID | None:
    now, claim = timezone.now(), uuid.uuid4()
    free = Q(claimed_until=None) | Q(claimed_until__lte=now)
    at_work = Encoding.objects.filter(free, pk=encoding_id, state__in=Encoding.WORKING)
    if at_work.filter(attempts__gte=MAX_ATTEMPTS).update(
        state=State.FAILED, error=f"It was tried {MAX_ATTEMPTS} times and broke off each time."
    ):
        return None
    held = at_work.update(claim=claim, claimed_until=now + CLAIM_LASTS, attempts=F("attempts") + 1)
    return claim if held else None


def _hold(encoding_id: int, claim: uuid.UUID, **values: Any) -> None:
    """Raises ``Superseded`` unless the claim is still this one."""
    until = timezone.now() + CLAIM_LASTS
    mine = Encoding.objects.filter(pk=encoding_id, claim=claim, state__in=Encoding.WORKING)
    if not mine.update(claimed_until=until, **values):
        raise Superseded


def _fail(encoding_id: int, claim: uuid.UUID, why: str) -> None:
    Encoding.objects.filter(pk=encoding_id, claim=claim).update(
        state=State.FAILED, error=why[:500], claim=None
    )


def _read(encoding_id: int, claim: uuid.UUID) -> None:
    encoding = Encoding.objects.select_related("asked_by").get(pk=encoding_id)
    if encoding.state == State.QUEUED:
        _choose(encoding, claim)
    for call in encoding.calls.filter(read_at=None):
        items = async_to_sync(ask)(encoding.asked_by, "calls", "call", id=call.call_id).items
        with transaction.atomic():
            _hold(encoding_id, claim)
            if not items:
                call.delete()  # no longer to be seen by whoever asked
                continue
            said = heard(items[0].meta["lines"])
            call.found, call.measures, call.read_at = signals_in(said), measures_of(said), timezone.now()
            call.save(update_fields=["found", "measures", "read_at"])


def _choose(encoding: Encoding, claim: uuid.UUID) -> None:
    chosen = choosing.calls_of(encoding.asked_by, criteria_from_json(encoding.criteria))
    with transaction.atomic():
        _hold(encoding.pk, claim, state=State.READING)
        # Begun again after a failure, what was read stays.
        chosen_calls = [
            StudiedCall(
                encoding=encoding,
                call_id=item.id,
                title=item.title[:300],
                url=item.url,
                provider=provider,
                at=item.at,
                deal=deal,
                rep_id=deal.owner_id,
                outcome=deal.stage,
            )
            for item, deal, provider in chosen
        ]
        StudiedCall.objects.bulk_create(chosen_calls, ignore_conflicts=True)


def _propose(encoding_id: int, claim: uuid.UUID) -> None:
    _hold(encoding_id, claim, state=State.WORDING)
    encoding = Encoding.objects.get(pk=encoding_id)
    calls = list(encoding.calls.exclude(read_at=None))
    found = contrast(_plain(call) for call in calls)
    proposal = propose(found, calls, marked_in(_text_of(encoding)), today=timezone.localdate())
    with transaction.atomic():
        _hold(
            encoding_id,
            claim,
            state=State.READY,
            contrast=found.as_json(),
            usage=proposal.wording.usage,
            note=proposal.wording.note,
        )
        encoding.lines.all().delete()
        for line in proposal.lines:
            line.encoding = encoding
        ProposedLine.objects.bulk_create(proposal.lines)


def _text_of(encoding: Encoding) -> bytes:
    found = SkillFile.objects.filter(version=encoding.based_on_id, path=FILE).first()
    return bytes(found.content) if found else b""


def _plain(call: StudiedCall) -> Call:
    return Call(
        id=call.call_id,
        deal=call.deal_id,
        rep=call.rep_id,
        outcome=call.outcome,
        found=call.found,
        measures=call.measures,
    )

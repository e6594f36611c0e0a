"""What models and tools come up with: characters that no database keeps break no run."""

import pytest
from django.utils import timezone

from sessions_app.runs.agents import StepResult
from sessions_app.runs.lifecycle import complete_step, finish_run
from sessions_app.runs.models import Run, Step
from sessions_app.session.models import Session, SessionText
from tests.control.world import Worker, approval, due, say

pytestmark = pytest.mark.django_db(transaction=True)


def test_nul_in_what_a_step_keeps(session: Session) -> None:
    say(session, "one")
    worker = Worker(due())
    complete_step(
        run_id=worker.run_id,
        stream_id=worker.stream_id,
        session_id=str(session.pk),
        agent="nobody",
        epoch=worker.epoch,
        index=0,
        kind="model",
        name="ask",
        result=StepResult(output={"a\x00": ["b\x00c", {"d": "\x00"}, 1, None]}),
        started_at=timezone.now(),
        texts={"m": "one\x00two"},
    )
    finish_run(run_id=worker.run_id, epoch=worker.epoch, status=Run.Status.FINISHED, result={"r": "x\x00"})
    assert Step.objects.get().output == {"a": ["bc", {"d": ""}, 1, None]}
    assert SessionText.objects.get(message_id="m").text == "onetwo"
    assert Run.objects.get().result == {"r": "x"}


def test_nul_in_what_is_asked(session: Session) -> None:
    say(session, "one")
    (asked,) = Worker(due()).ask(approval(args={"to": "x\x00@example.com"}))
    assert asked.args == {"to": "x@example.com"}

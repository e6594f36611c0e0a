"""What a model call had used when its run was stopped is counted, behind the stop and without holding it up."""

from typing import Any

from sales_app.standin.control import Control, directive
from sessions_app.control.send import send_input
from sessions_app.control.stop import stop
from sessions_app.runs.claim import claim
from sessions_app.runs.host import RunHost
from sessions_app.runs.models import Run, Step
from sessions_app.runs.transcript import transcript
from sessions_app.session.models import Session
from sessions_app.session.snapshots import load_view
from tests.runs.test_host import log_of, wait_for

LONG_AGO = "2020-01-01T00:00:00Z"


def in_mid_answer(session: Session, control: Control) -> str:
    """A question whose answer stays silent after some words."""
    control.queue.append(directive({"match": "what can you", "after": 6, "silence": 60}))
    accepted = send_input(
        session_id=str(session.pk), actor=session.created_by, client_id="m", text="What can you do?"
    )
    wait_for(lambda: bool(said(session, accepted.run_id)))
    return str(accepted.run_id)


def said(session: Session, run_id: object) -> str:
    _, view = load_view(str(session.pk))
    return "".join(i["text"] for i in view["items"] if i["run"] == str(run_id) and i["kind"] == "message")


def usage(session: Session, run_id: str) -> Any:
    _, view = load_view(str(session.pk))
    return view["runs"][run_id]["usage"]


def test_a_stopped_call_is_counted(host: RunHost, session: Session, control: Control) -> None:
    run_id = in_mid_answer(session, control)
    stop(session_id=str(session.pk), actor=session.created_by)
    end = log_of(session)[-1]["event"]
    assert (end["type"], end.get("usage")) == ("RUN_FINISHED", None), "the stop waits for no count"
    wait_for(lambda: usage(session, run_id) is not None)
    row = Step.objects.get(run=run_id)
    assert (row.kind, row.output) == ("cut", {"estimated": True})
    assert row.input_tokens + row.cache_read_tokens + row.cache_write_tokens > 100
    assert row.output_tokens > 0
    assert row.cost == 0
    (counted,) = usage(session, run_id)
    assert (counted["model"], counted["outputTokens"], counted["estimated"]) == (
        row.model,
        row.output_tokens,
        True,
    )
    assert log_of(session)[-1].get("run") is None, "nothing of the run stands behind its stop (I5)"
    after = send_input(session_id=str(session.pk), actor=session.created_by, client_id="n", text="Hello")
    earlier = [item for item in transcript(str(session.pk), str(after.run_id)) if item.kind == "run"]
    assert [item.steps for item in earlier] == [()], "nobody reads it as a step"
    wait_for(lambda: Run.objects.get(pk=after.run_id).status == "finished")


def test_what_another_worker_took_over_is_not_counted_as_stopped(
    host: RunHost, session: Session, control: Control
) -> None:
    run_id = in_mid_answer(session, control)

    def take() -> bool:
        Run.objects.filter(pk=run_id).update(lease_until=LONG_AGO)
        return claim(run_id, "another") is not None

    wait_for(take)
    wait_for(lambda: host.active == 0)
    Run.objects.filter(pk=run_id).update(lease_until=LONG_AGO)
    wait_for(lambda: Run.objects.get(pk=run_id).status == "finished")
    assert not Step.objects.filter(run=run_id, kind="cut").exists()
    assert [each.get("estimated") for each in usage(session, run_id)] == [None]

"""Runs that are served over HTTP, by an agent in any language. The same claim, fence and ending as in a worker.

A remote run's steps are optional: what an agent finishes with ``STEP_FINISHED`` and an ``output`` is kept and handed to
the next attempt; everything after the last finished step is replaced when the run is taken over.
"""

import hashlib
import secrets
from typing import Any

from django.core import signing
from django.db.models import F
from django.utils import timezone

from sessions_app.errors import SessionsError
from sessions_app.runs import claim as claims
from sessions_app.runs.lifecycle import end_run
from sessions_app.runs.models import AgentKey, Run, Step
from sessions_app.runs.transcript import transcript
from sessions_app.session import events as vocabulary
from sessions_app.session.ids import whose
from sessions_app.session.log import SessionLog, session_log
from sessions_app.session.search import remember_texts
from sessions_app.session.snapshots import load_view, take_snapshot
from sessions_app.streams.append import StaleEpoch, check_epoch
from sessions_app.streams.models import Producer
from sessions_app.streams.text import without_nul

Json = dict[str, Any]

EVENTS_MAX = 500
STALE = "stale"  # an option of a run that was taken over: what the next attempt replaces
CONTENT = ("TEXT_MESSAGE_", "TOOL_CALL_")
TOKEN_SALT = "clewline.run-token"  # noqa: S105  a namespace, not a secret

# Which fields an agent may send in each event, and their types. Anything else is refused, not passed on.
ALLOWED: dict[str, dict[str, type]] = {
    "TEXT_MESSAGE_START": {"messageId": str},
    "TEXT_MESSAGE_CONTENT": {"messageId": str, "delta": str},
    "TEXT_MESSAGE_END": {"messageId": str},
    "TOOL_CALL_START": {"toolCallId": str, "toolCallName": str},
    "TOOL_CALL_ARGS": {"toolCallId": str, "delta": str},
    "TOOL_CALL_END": {"toolCallId": str},
    "TOOL_CALL_RESULT": {"toolCallId": str, "content": str},
    "STEP_STARTED": {"stepName": str},
    "STEP_FINISHED": {"stepName": str},
}


class BadKey(SessionsError):
    """The agent key or run token is not valid. Ask an administrator for a new key, or claim again."""

    code = "signed_out"
    status = 401


class BadEvents(SessionsError):
    """An event is not one that an agent may send; the message names it."""

    code = "bad_request"


class RunOver(SessionsError):
    """The run has ended. Stop working on it."""

    code = "run_over"
    status = 409


class SequenceGap(SessionsError):
    """Batches must be numbered 0, 1, 2 … within an epoch; one is missing."""

    code = "sequence_gap"
    status = 409


def create_key(*, agent: str, name: str) -> str:
    """A new key for an agent; shown once, only its hash is kept."""
    key = f"clw_{secrets.token_urlsafe(32)}"
    AgentKey.objects.create(agent=agent, name=name, key_hash=_hash(key))
    return key


def _hash(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()


def claim_next(key: str, agent: str) -> Json | None:
    """Claim the oldest due run of ``agent``. Raises BadKey."""
    row = AgentKey.objects.filter(key_hash=_hash(key), agent=agent, revoked_at=None).first()
    if row is None:
        raise BadKey()
    for run_id in claims.due_runs(agent=agent):
        claimed = claims.claim(run_id, f"http:{row.pk}:{secrets.token_hex(4)}", remote=True)
        if claimed is not None:
            if claimed.stale:
                options = {**claimed.info.options, STALE: claimed.stale}
                Run.objects.filter(pk=run_id).update(options=options)
            return {
                "run": run_id,
                "session": claimed.info.session_id,
                "epoch": claimed.epoch,
                "attempt": claimed.info.attempt,
                "lease": claims.lease().total_seconds(),
                "token": signing.dumps([run_id, claimed.epoch, row.pk], salt=TOKEN_SALT),
                "transcript": [
                    {"kind": item.kind, "text": item.text, "actor": item.actor}
                    for item in transcript(claimed.info.session_id, run_id)
                ],
                "steps": claimed.steps,
            }
    return None


def check_token(token: str, run_id: str) -> int:
    """The epoch that a run token was given for. It ends with the key that it was given to. Raises BadKey."""
    try:
        for_run, epoch, key = signing.loads(token, salt=TOKEN_SALT)
    except (signing.BadSignature, ValueError):
        raise BadKey() from None
    if for_run != run_id or not AgentKey.objects.filter(pk=key, revoked_at=None).exists():
        raise BadKey()
    return int(epoch)


def append_events(*, run_id: str, epoch: int, seq: int, batch: list[Json]) -> Json:
    """Append what the agent publishes, once for each ``seq``. Renews the lease.

    Raises BadEvents, StaleEpoch, RunOver, SequenceGap.
    """
    checked = [check_event(event) for event in batch]
    outputs = [event.get("output") for event in batch]
    run = _run(run_id)
    actor = f"agent:{run.agent}"
    with session_log(run.session.stream_id) as log:
        if _is_new(log, run_id, epoch, seq):
            _check_ids(run, checked)
            if any(event["type"].startswith(CONTENT) for event in checked):
                _supersede(log, run)
            for event, output in zip(checked, outputs, strict=True):
                log.add(event, actor=actor, run=run_id)
                if event["type"] == "STEP_FINISHED" and isinstance(output, dict):
                    _keep_step(log, run, epoch, event["stepName"], output)
            Run.objects.filter(pk=run_id).update(lease_until=claims.lease_end())
        head = log.head
    return {"head": head, "control": "continue"}


def _check_ids(run: Run, batch: list[Json]) -> None:
    """What an agent opens is its own. What it adds to something that is not, nobody folds. Raises BadEvents."""
    field = {"TEXT_MESSAGE_START": "messageId", "TOOL_CALL_START": "toolCallId"}
    opened = [event[field[event["type"]]] for event in batch if event["type"] in field]
    for each, owner in (whose(str(run.session_id), opened) if opened else {}).items():
        if owner != str(run.pk):
            raise BadEvents(f"The id {each!r} is in use in this session already. Take another.")


def check_event(event: Any) -> Json:
    """The event with only the fields an agent may send. Raises BadEvents."""
    kind = event.get("type") if isinstance(event, dict) else None
    fields = ALLOWED.get(kind) if isinstance(kind, str) else None
    if fields is None:
        raise BadEvents(f"An agent may not send events of type {kind!r}.")
    clean: Json = {"type": kind}
    for field, expected in fields.items():
        value = without_nul(event.get(field))
        if not isinstance(value, expected) or (field.endswith("Id") and not 1 <= len(str(value)) <= 64):
            raise BadEvents(f"{kind} needs {field}, a {expected.__name__}.")
        clean[field] = value
    if kind == "TEXT_MESSAGE_START":
        clean["role"] = "assistant"
    if kind == "TOOL_CALL_RESULT":
        metadata = event.get("metadata")
        error = isinstance(metadata, dict) and metadata.get("error") is True
        clean = vocabulary.tool_result(call_id=clean["toolCallId"], content=clean["content"], error=error)
    return clean


def renew(*, run_id: str, epoch: int) -> Json:
    """Keep the run. Raises StaleEpoch, RunOver."""
    run = _run(run_id)
    if not Run.objects.filter(pk=run_id, epoch=epoch, status=Run.Status.RUNNING).update(
        lease_until=claims.lease_end()
    ):
        raise RunOver() if run.epoch == epoch else StaleEpoch()
    return {"lease": claims.lease().total_seconds(), "control": "continue"}


def finish(*, run_id: str, epoch: int, error: Json | None, result: Json | None) -> None:
    """End the run; repeating it after it ended is harmless for the same epoch. Raises StaleEpoch."""
    run = _run(run_id)
    if run.status in Run.TERMINAL and run.epoch == epoch:
        return
    with session_log(run.session.stream_id) as log:
        check_epoch(run.session.stream_id, run_id, epoch)
        if error is None:
            _supersede(log, run)
            end_run(log, run, status=Run.Status.FINISHED, result=result)
        else:
            end_run(
                log,
                run,
                status=Run.Status.FAILED,
                code=without_nul(str(error.get("code", "agent_failed")))[:64],
                message=without_nul(str(error.get("message", "The agent could not answer.")))[:1000],
            )
    _remember(run)
    take_snapshot(str(run.session_id), boundary=True)


def _run(run_id: str) -> Run:
    run = Run.objects.select_related("session").filter(pk=run_id).first()
    if run is None:
        raise BadKey()
    return run


def _is_new(log: SessionLog, run_id: str, epoch: int, seq: int) -> bool:
    status = Run.objects.values_list("status", "epoch").get(pk=run_id)
    if status[1] != epoch:
        raise StaleEpoch()
    if status[0] in Run.TERMINAL:
        raise RunOver()
    check_epoch(log.stream_id, run_id, epoch)
    producer = Producer.objects.filter(stream_id=log.stream_id, producer_id=run_id)
    last = producer.values_list("seq", flat=True).get()
    if seq <= last:
        return False
    if seq != last + 1:
        raise SequenceGap()
    producer.update(seq=F("seq") + 1)
    return True


def _supersede(log: SessionLog, run: Run) -> None:
    """The first text or tool call of a later attempt replaces what the broken one left."""
    stale = run.options.pop(STALE, [])
    if stale:
        run.save(update_fields=["options"])
        log.add(
            vocabulary.items_superseded(run_id=str(run.pk), ids=stale),
            actor=f"agent:{run.agent}",
            run=str(run.pk),
        )


def _keep_step(log: SessionLog, run: Run, epoch: int, name: str, output: Json) -> None:
    Step.objects.create(
        run=run,
        index=run.steps.count(),
        kind=Step.Kind.MODEL,
        name=name[:128],
        attempt=epoch,
        output=without_nul(output),
        end_offset=log.head,
        started_at=timezone.now(),
    )


def _remember(run: Run) -> None:
    _, view = load_view(str(run.session_id))
    remember_texts(
        run.session_id,
        {
            item["id"]: item["text"]
            for item in view["items"]
            if item["run"] == str(run.pk) and item["kind"] == "message" and item["text"]
        },
    )

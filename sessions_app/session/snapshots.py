"""Views at an offset: snapshots plus the fold of what came after."""

from typing import Any

import msgspec

from sessions_app.session.envelope import decode
from sessions_app.session.fold import VERSION, Fold
from sessions_app.session.models import Snapshot
from sessions_app.streams.models import Record, Stream

Json = dict[str, Any]

CHUNK = 2000

_encode = msgspec.json.Encoder().encode


def load_view(session_id: str, at: int | None = None) -> tuple[int, Json]:
    """``(offset, view)``: the fold of the first ``at`` records, or of all of them."""
    stream_id, head = Stream.objects.values_list("pk", "head").get(session__pk=session_id)
    end = head if at is None else max(0, min(at, head))
    return end, _view_at(stream_id, end, _latest(session_id, end))


def _latest(session_id: str, end: int) -> Snapshot | None:
    return (
        Snapshot.objects.filter(session_id=session_id, version=VERSION, at__lte=end).order_by("-at").first()
    )


def _view_at(stream_id: int, end: int, snapshot: Snapshot | None) -> Json:
    start = 0 if snapshot is None else snapshot.at
    state = Fold(None if snapshot is None else msgspec.json.decode(snapshot.view))
    if start == end:
        return state.view()
    bodies = (
        Record.objects.filter(stream_id=stream_id, pos__gte=start, pos__lt=end)
        .order_by("pos")
        .values_list("body", flat=True)
    )
    # A cursor on the server costs three round trips, and is worth them only for a long tail.
    rows = bodies.iterator(chunk_size=CHUNK) if end - start > CHUNK else bodies
    for offset, body in enumerate(rows, start):
        state.apply(decode(body), offset)
    return state.view()


def load_view_bytes(session_id: str, at: int | None = None) -> tuple[int, bytes]:
    """As ``load_view``, as the JSON that clients get."""
    end, view = load_view(session_id, at)
    return end, _encode(view)


def take_snapshot(session_id: str, *, boundary: bool = False) -> int:
    """Store the view at the head, so that a fresh client costs the size of the conversation. Returns its offset.

    Snapshots inside a run replace each other; those at the end of a run stay, for replay.
    """
    stream_id, at = Stream.objects.values_list("pk", "head").get(session__pk=session_id)
    before = _latest(session_id, at)
    taken = Snapshot(
        session_id=session_id,
        at=at,
        version=VERSION,
        view=_encode(_view_at(stream_id, at, before)),
        boundary=boundary,
    )
    Snapshot.objects.bulk_create(
        [taken],
        update_conflicts=True,
        unique_fields=["session", "at"],
        update_fields=["view", "version", *(["boundary"] if boundary else [])],
    )
    if before is not None and not before.boundary and before.at < at:
        Snapshot.objects.filter(session_id=session_id, at__lt=at, boundary=False).delete()
    return at

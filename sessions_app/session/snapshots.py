"""Views at an offset: snapshots plus the fold of what came after."""

from typing import Any

import msgspec

from sessions_app.session.envelope import decode
from sessions_app.session.fold import Fold
from sessions_app.session.models import Session, Snapshot
from sessions_app.streams.models import Record, Stream

Json = dict[str, Any]

_encode = msgspec.json.Encoder().encode


def load_view(session_id: str, at: int | None = None) -> tuple[int, Json]:
    """``(offset, view)``: the fold of the first ``at`` records, or of all of them."""
    stream_id = Session.objects.values_list("stream_id", flat=True).get(pk=session_id)
    head = Stream.objects.values_list("head", flat=True).get(pk=stream_id)
    end = head if at is None else max(0, min(at, head))
    snapshot = Snapshot.objects.filter(session_id=session_id, at__lte=end).order_by("-at").first()
    start = 0 if snapshot is None else snapshot.at
    state = Fold(None if snapshot is None else msgspec.json.decode(snapshot.view))
    bodies = (
        Record.objects.filter(stream_id=stream_id, pos__gte=start, pos__lt=end)
        .order_by("pos")
        .values_list("body", flat=True)
    )
    for offset, body in enumerate(bodies.iterator(chunk_size=2000), start):
        state.apply(decode(body), offset)
    return end, state.view()


def load_view_bytes(session_id: str, at: int | None = None) -> tuple[int, bytes]:
    """As ``load_view``, as the JSON that clients get."""
    end, view = load_view(session_id, at)
    return end, _encode(view)


def take_snapshot(session_id: str, *, boundary: bool = False) -> int:
    """Store the view at the head, so that a fresh client costs the size of the conversation. Returns its offset.

    Snapshots inside a run replace each other; those at the end of a run stay, for replay.
    """
    at, view = load_view_bytes(session_id)
    Snapshot.objects.update_or_create(
        session_id=session_id,
        at=at,
        defaults={"view": view},
        create_defaults={"view": view, "boundary": boundary},
    )
    Snapshot.objects.filter(session_id=session_id, at__lt=at, boundary=False).delete()
    return at

"""Streams come and go: create, fork, close, delete, expire.

Locks are taken from a fork to its source, never the other way, so that two of these cannot wait for each other.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import IntegrityError, transaction

from sessions_app.streams import content, lookup
from sessions_app.streams.append import append
from sessions_app.streams.errors import (
    ContentTypeMismatch,
    InvalidRequest,
    OffsetBeyondTail,
    PathTaken,
    SourceGone,
    StreamGone,
    UnknownStream,
)
from sessions_app.streams.expiry import Expiry
from sessions_app.streams.models import Producer, Record, Stream
from sessions_app.streams.read import record_at

EXPIRE_BATCH = 100


@dataclass(frozen=True, kw_only=True, slots=True)
class Origin:
    """Where a fork begins. ``offset`` None is the source's tail.

    ``sub_offset`` goes past ``offset``: by messages in a JSON stream, else by bytes of the one record there.
    """

    path: str
    offset: int | None = None
    sub_offset: int = 0


@dataclass(frozen=True, slots=True)
class Created:
    stream: Stream
    created: bool


def create(
    path: str,
    *,
    now: datetime,
    content_type: str | None = None,
    body: bytes = b"",
    closed: bool = False,
    expiry: Expiry = Expiry(),  # noqa: B008  # immutable
    origin: Origin | None = None,
) -> Created:
    """Create a stream, or find the one that an equal request created: then ``body`` is not written again.

    A fork takes content type and expiry from its source where the request gives none; it begins open.
    Raises PathTaken, InvalidRequest, ContentTypeMismatch and, of the source, UnknownStream, SourceGone,
    OffsetBeyondTail.
    """
    lookup.check_path(path)
    for _ in range(3):
        try:
            with transaction.atomic():
                existing = _take_place(path, now=now)
                if existing is not None:
                    _check_same(
                        existing, content_type=content_type, closed=closed, expiry=expiry, origin=origin
                    )
                    return Created(existing, False)
                stream, prefix = (
                    _forked(path, origin, content_type=content_type, expiry=expiry, now=now)
                    if origin is not None
                    else (_plain(path, content_type=content_type, expiry=expiry, now=now), [])
                )
                stream.save(force_insert=True)
                _write(stream, [*prefix, *content.split(stream.content_type, body)], closed=closed)
                return Created(stream, True)
        except IntegrityError:
            continue  # somebody else created it in the meantime: compare with theirs
    raise PathTaken()


def close(path: str, *, now: datetime) -> Stream:
    """Closing again changes nothing. Raises UnknownStream and StreamGone."""
    with transaction.atomic():
        stream = lookup.lock(path, now=now)
        lookup.touch(stream, now=now)
        if not stream.closed:
            stream.closed = True
            stream.save(update_fields=["closed"])
        return stream


def delete(path: str, *, now: datetime) -> int:
    """Delete the stream and return its id; what its forks read of it stays until the last of them goes.

    Raises UnknownStream and StreamGone.
    """
    with transaction.atomic():
        stream = lookup.lock(path, now=now)
        _remove(stream, now=now)
        return stream.pk


def expire(*, now: datetime) -> int:
    """Delete every stream that is due; the number deleted. Each in a transaction of its own."""
    count = 0
    while True:
        due = Stream.objects.filter(due_at__lte=now, deleted_at=None).order_by("due_at", "pk")
        batch = list(due.values_list("pk", flat=True)[:EXPIRE_BATCH])
        for pk in batch:
            with transaction.atomic():
                stream = (
                    Stream.objects.select_for_update().filter(pk=pk, due_at__lte=now, deleted_at=None).first()
                )
                if stream is not None:  # else a read kept it alive, or another sweep was faster
                    _remove(stream, now=now)
                    count += 1
        if len(batch) < EXPIRE_BATCH:
            return count


def _take_place(path: str, *, now: datetime) -> Stream | None:
    """The living stream at ``path``, locked; what expired there makes room. Raises PathTaken."""
    stream = Stream.objects.select_for_update().filter(path=path).first()
    if stream is None:
        return None
    if stream.deleted_at is None and lookup.is_due(stream, now=now):
        _remove(stream, now=now)
        stream = Stream.objects.filter(path=path).first()
        if stream is None:
            return None
    if stream.deleted_at is not None:
        raise PathTaken("The stream at this path was deleted, but forks still read it. Choose another path.")
    return stream


def _check_same(
    stream: Stream, *, content_type: str | None, closed: bool, expiry: Expiry, origin: Origin | None
) -> None:
    """Raises PathTaken unless the request asks for what is there."""
    source = stream.source
    wanted_type = content_type or (stream.content_type if origin else content.DEFAULT_TYPE)
    wanted_expiry = expiry if expiry or source is None else _expiry_of(source)
    same = (
        content.media_type(wanted_type) == content.media_type(stream.content_type)
        and closed == stream.closed
        and wanted_expiry == _expiry_of(stream)
        and (source.path if source else None) == (origin.path if origin else None)
    )
    if same and origin is not None:
        same = origin.sub_offset == stream.fork_sub_offset and origin.offset in (None, stream.fork_offset)
    if not same:
        raise PathTaken()


def _plain(path: str, *, content_type: str | None, expiry: Expiry, now: datetime) -> Stream:
    return Stream(
        path=path,
        content_type=_checked_type(content_type or content.DEFAULT_TYPE),
        ttl_seconds=expiry.ttl,
        expires_at=expiry.at,
        due_at=expiry.due(now),
        base=0,
        fork_sub_offset=0,
    )


def _forked(
    path: str, origin: Origin, *, content_type: str | None, expiry: Expiry, now: datetime
) -> tuple[Stream, list[bytes]]:
    """The fork, and the beginning of the record that it was cut in."""
    try:
        source = lookup.lock(origin.path, now=now)
    except StreamGone:
        raise SourceGone() from None
    except UnknownStream:
        raise UnknownStream("The stream to fork does not exist.") from None
    if content_type and content.media_type(content_type) != content.media_type(source.content_type):
        raise ContentTypeMismatch("A fork has its source's content type.")
    offset = source.head if origin.offset is None else origin.offset
    if offset > source.head:
        raise OffsetBeyondTail()
    base, prefix = _cut(source, offset, origin.sub_offset)
    fork = _plain(path, content_type=source.content_type, expiry=expiry or _expiry_of(source), now=now)
    fork.source = source
    fork.fork_offset = offset
    fork.fork_sub_offset = origin.sub_offset
    fork.base = fork.head = base
    return fork, prefix


def _cut(source: Stream, offset: int, sub_offset: int) -> tuple[int, list[bytes]]:
    """Where the fork's own records begin, and the first of them if the cut went through a record."""
    if sub_offset == 0:
        return offset, []
    overshoot = InvalidRequest(
        "The sub-offset lies beyond the data at this offset.", code="sub_offset_beyond_data"
    )
    if content.is_json(source.content_type):
        if offset + sub_offset > source.head:
            raise overshoot
        return offset + sub_offset, []
    whole = record_at(source, offset)
    if whole is None or sub_offset > len(whole):
        raise overshoot
    if sub_offset == len(whole):
        return offset + 1, []
    return offset, [whole[:sub_offset]]


def _checked_type(content_type: str) -> str:
    main, slash, sub = content.media_type(content_type).partition("/")
    if not (main and slash and sub) or len(content_type) > 255 or not content_type.isprintable():
        raise InvalidRequest("The content type is not one: write it like text/plain.")
    return content_type


def _write(stream: Stream, bodies: Sequence[bytes], *, closed: bool) -> None:
    if bodies:
        stream.head = append(stream.pk, bodies) + len(bodies)
    if closed:
        stream.closed = True
        stream.save(update_fields=["closed"])


def _remove(stream: Stream, *, now: datetime) -> None:
    """Delete a locked stream, and up the chain every deleted source that nobody reads any more."""
    if stream.forks.exists():
        stream.deleted_at = now
        stream.closed = True
        stream.save(update_fields=["deleted_at", "closed"])
        return
    unread: Stream | None = stream
    while unread is not None:
        source_id = unread.source_id
        Record.objects.filter(stream_id=unread.pk).delete()
        Producer.objects.filter(stream_id=unread.pk).delete()
        Stream.objects.filter(pk=unread.pk).delete()
        unread = (
            Stream.objects.select_for_update().filter(pk=source_id, deleted_at__isnull=False).first()
            if source_id is not None
            else None
        )
        if unread is not None and unread.forks.exists():
            unread = None


def _expiry_of(stream: Stream) -> Expiry:
    return Expiry(ttl=stream.ttl_seconds, at=stream.expires_at)

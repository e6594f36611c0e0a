"""One append as the protocol knows it: producer, sequence, records and close in one transaction."""

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from sessions_app.streams import content, lookup, producers
from sessions_app.streams.append import append
from sessions_app.streams.errors import ClosedStream, ContentTypeMismatch, InvalidRequest, SequenceRegression
from sessions_app.streams.models import Producer, Stream
from sessions_app.streams.producers import Claim, State, Verdict


@dataclass(frozen=True, kw_only=True, slots=True)
class Append:
    """``body`` may be empty if ``close`` is set. ``seq`` is compared as text, and per stream."""

    body: bytes = b""
    content_type: str = ""
    producer: Claim | None = None
    seq: str | None = None
    close: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Appended:
    """``head`` is the offset after the append. ``producer`` is the last accepted request of the producer."""

    stream_id: int
    head: int
    closed: bool
    duplicate: bool
    producer: State | None = None


def append_request(path: str, request: Append, *, now: datetime) -> Appended:
    """Raises UnknownStream, StreamGone, StaleProducer, ClosedStream, ContentTypeMismatch, SequenceGap,
    SequenceRegression, InvalidRequest; checked in this order, and nothing is written then.
    """
    if not request.body and not request.close:
        raise InvalidRequest(
            "The body is empty. Only a request that closes the stream may be.", code="empty_body"
        )
    with transaction.atomic():
        stream = lookup.lock(path, now=now)
        claim = request.producer
        known = _producer(stream, claim)
        state = State(known.epoch, known.seq) if known else None
        if claim is not None:
            producers.check_epoch(claim, state)
        if stream.closed:
            return _append_to_closed(stream, request, state)
        if request.body and content.media_type(request.content_type) != content.media_type(
            stream.content_type
        ):
            raise ContentTypeMismatch(f"This stream takes {stream.content_type}.")
        if claim is not None and producers.judge(claim, state) is Verdict.DUPLICATE:
            lookup.touch(stream, now=now)
            return Appended(
                stream_id=stream.pk, head=stream.head, closed=False, duplicate=True, producer=state
            )
        if request.seq is not None and request.seq <= stream.last_seq:
            raise SequenceRegression()
        bodies = content.split(stream.content_type, request.body)
        if request.body and not bodies:
            raise InvalidRequest("An empty array appends nothing.", code="empty_body")
        if bodies:
            stream.head = append(stream.pk, bodies) + len(bodies)
        lookup.touch(stream, now=now)
        _remember(stream, request)
        if claim is not None:
            state = State(claim.epoch, claim.seq)
            Producer.objects.update_or_create(
                stream=stream, producer_id=claim.id, defaults={"epoch": claim.epoch, "seq": claim.seq}
            )
        return Appended(
            stream_id=stream.pk, head=stream.head, closed=stream.closed, duplicate=False, producer=state
        )


def _producer(stream: Stream, claim: Claim | None) -> Producer | None:
    if claim is None:
        return None
    return Producer.objects.filter(stream=stream, producer_id=claim.id).first()


def _append_to_closed(stream: Stream, request: Append, state: State | None) -> Appended:
    """Only the request that closed the stream, or another one that only closes, may be repeated."""
    claim = request.producer
    repeated = claim is not None and claim.as_closer() == stream.closed_by
    if repeated or (claim is None and not request.body):
        return Appended(stream_id=stream.pk, head=stream.head, closed=True, duplicate=True, producer=state)
    raise ClosedStream(stream.head)


def _remember(stream: Stream, request: Append) -> None:
    changed = []
    if request.seq is not None:
        stream.last_seq = request.seq
        changed.append("last_seq")
    if request.close:
        stream.closed = True
        stream.closed_by = request.producer.as_closer() if request.producer else ""
        changed += ["closed", "closed_by"]
    if changed:
        stream.save(update_fields=changed)

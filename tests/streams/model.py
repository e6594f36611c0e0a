"""The store as simply as it can be said: lists in a dictionary, forks as copies. No locks, no rows, no stitching."""

import json
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any


class Refused(Exception):
    """``code`` is that of the store's error."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(eq=False)
class Log:
    is_json: bool
    records: list[bytes] = field(default_factory=list)
    closed: bool = False
    closed_by: tuple[str, int, int] | None = None
    deleted: bool = False
    ttl: int | None = None
    at: datetime | None = None
    due: datetime | None = None
    seq: str = ""
    producers: dict[str, tuple[int, int]] = field(default_factory=dict)
    source: "Log | None" = None
    origin: tuple[str, int, int] | None = None

    def touch(self, now: datetime) -> None:
        if self.ttl is not None:
            self.due = now + timedelta(seconds=self.ttl)


class Model:
    def __init__(self) -> None:
        self.logs: dict[str, Log] = {}

    def alive(self, path: str, now: datetime) -> Log:
        log = self.logs.get(path)
        if log is None:
            raise Refused("unknown_stream")
        if log.deleted:
            raise Refused("stream_gone")
        if log.due is not None and log.due <= now:
            raise Refused("stream_gone" if self.has_forks(log) else "unknown_stream")
        return log

    def has_forks(self, log: Log) -> bool:
        return any(other.source is log for other in self.logs.values())

    def create(self, path: str, now: datetime, *, is_json: bool | None, body: bytes, closed: bool,
               ttl: int | None, at: datetime | None, origin: tuple[str, int | None, int] | None) -> bool:  # fmt: skip
        """Whether it was created now. What expired at the path makes room, unless the request is refused."""
        before = {name: (log, log.deleted, log.closed) for name, log in self.logs.items()}
        try:
            return self.placed(path, now, is_json, body, closed, ttl, at, origin)
        except Refused:
            self.logs = {name: log for name, (log, _, _) in before.items()}
            for log, deleted, closed in before.values():
                log.deleted, log.closed = deleted, closed
            raise

    def placed(self, path: str, now: datetime, is_json: bool | None, body: bytes, closed: bool, ttl: int | None,
               at: datetime | None, origin: tuple[str, int | None, int] | None) -> bool:  # fmt: skip
        there = self.logs.get(path)
        if there is not None and not there.deleted and there.due is not None and there.due <= now:
            if self.has_forks(there):
                raise Refused("path_taken")
            self.remove(path)
            there = self.logs.get(path)
        if there is not None:
            if there.deleted or not self.same(
                there, is_json=is_json, closed=closed, ttl=ttl, at=at, origin=origin
            ):
                raise Refused("path_taken")
            return False
        if origin is None:
            log = Log(is_json=bool(is_json), ttl=ttl, at=at)
        else:
            log = self.forked(now, is_json, ttl, at, origin)
        log.records += parse(log.is_json, body)
        log.closed = closed
        log.due = log.at
        log.touch(now)
        self.logs[path] = log
        return True

    def forked(
        self, now: datetime, is_json: bool | None, ttl: int | None, at: datetime | None,
        origin: tuple[str, int | None, int],
    ) -> Log:  # fmt: skip
        path, offset, sub = origin
        try:
            source = self.alive(path, now)
        except Refused as error:
            raise Refused("source_gone" if error.code == "stream_gone" else error.code) from None
        if is_json is not None and is_json != source.is_json:
            raise Refused("content_type_mismatch")
        offset = len(source.records) if offset is None else offset
        if offset > len(source.records):
            raise Refused("offset_beyond_tail")
        records = source.records[:offset]
        if source.is_json:
            if offset + sub > len(source.records):
                raise Refused("sub_offset_beyond_data")
            records = source.records[: offset + sub]
        elif sub:
            if offset == len(source.records) or sub > len(source.records[offset]):
                raise Refused("sub_offset_beyond_data")
            records = [*records, source.records[offset][:sub]]
        if ttl is None and at is None:
            ttl, at = source.ttl, source.at
        return Log(
            is_json=source.is_json, records=records, ttl=ttl, at=at, source=source, origin=(path, offset, sub)
        )

    def same(
        self, log: Log, *, is_json: bool | None, closed: bool, ttl: int | None, at: datetime | None,
        origin: tuple[str, int | None, int] | None,
    ) -> bool:  # fmt: skip
        if (log.origin is None) != (origin is None) or closed != log.closed:
            return False
        if origin is None:
            return bool(is_json) == log.is_json and (ttl, at) == (log.ttl, log.at)
        assert log.origin is not None
        assert log.source is not None
        expiry = (ttl, at) if ttl is not None or at is not None else (log.source.ttl, log.source.at)
        return (
            is_json in (None, log.is_json)
            and expiry == (log.ttl, log.at)
            and origin[0] == log.origin[0]
            and origin[1] in (None, log.origin[1])
            and origin[2] == log.origin[2]
        )

    def append(self, path: str, now: datetime, *, body: bytes, is_json: bool, close: bool, seq: str | None,
               producer: tuple[str, int, int] | None) -> tuple[int, bool, bool, tuple[int, int] | None]:  # fmt: skip
        """Head, closed, whether it was a duplicate, and the producer's last accepted epoch and number."""
        if not body and not close:
            raise Refused("empty_body")
        log = self.alive(path, now)
        known = log.producers.get(producer[0]) if producer else None
        if producer and known and producer[1] < known[0]:
            raise Refused("stale_epoch")
        if log.closed:
            if (producer and producer == log.closed_by) or (not producer and not body):
                return len(log.records), True, True, known
            raise Refused("stream_closed")
        if body and is_json != log.is_json:
            raise Refused("content_type_mismatch")
        if producer:
            if known and producer[1] > known[0]:
                if producer[2] != 0:
                    raise Refused("epoch_not_from_zero")
            else:
                last = known[1] if known else -1
                if producer[2] <= last:
                    log.touch(now)
                    return len(log.records), False, True, known
                if producer[2] != last + 1:
                    raise Refused("sequence_gap")
        if seq is not None and seq <= log.seq:
            raise Refused("sequence_regression")
        found = parse(log.is_json, body)
        if body and not found:
            raise Refused("empty_body")
        log.records += found
        log.touch(now)
        log.seq = log.seq if seq is None else seq
        if producer:
            log.producers[producer[0]] = producer[1:]
        if close:
            log.closed, log.closed_by = True, producer
        return len(log.records), close, False, producer[1:] if producer else None

    def close(self, path: str, now: datetime) -> None:
        log = self.alive(path, now)
        log.closed = True
        log.touch(now)

    def delete(self, path: str, now: datetime) -> None:
        self.alive(path, now)
        self.remove(path)

    def expire(self, now: datetime) -> int:
        due = [
            (log.due, path)
            for path, log in self.logs.items()
            if log.due and log.due <= now and not log.deleted
        ]
        for _, path in due:
            self.remove(path)
        return len(due)

    def remove(self, path: str) -> None:
        log = self.logs[path]
        if self.has_forks(log):
            log.deleted = log.closed = True
            return
        del self.logs[path]
        source = log.source
        if source is not None and source.deleted and not self.has_forks(source):
            self.remove(next(name for name, other in self.logs.items() if other is source))


def parse(is_json: bool, body: bytes) -> list[bytes]:
    if not body:
        return []
    if not is_json:
        return [body]
    value: Any = json.loads(body)
    return [json.dumps(v).encode() for v in (value if isinstance(value, list) else [value])]

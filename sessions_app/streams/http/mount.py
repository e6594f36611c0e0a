"""Where and how streams are served."""

from dataclasses import dataclass

from sessions_app.streams.http import access

MEBIBYTE = 1024 * 1024


@dataclass(frozen=True, kw_only=True, slots=True)
class Mount:
    """``prefix`` is what the URL has in front of the stream's path, with slashes at both ends.

    Only tests mount ``writable`` streams: nobody is asked there. ``long_poll_seconds`` is the longest wait of a long
    poll, ``sse_seconds`` the life of an event stream, after which the client comes back.
    """

    prefix: str
    may_read: access.Check = access.may_read
    writable: bool = False
    cross_origin: bool = False
    cache_control: str = "private, no-cache"
    max_body: int = 16 * MEBIBYTE
    chunk_bytes: int = MEBIBYTE
    long_poll_seconds: float = 20.0
    sse_seconds: float = 60.0
    keepalive_seconds: float = 15.0

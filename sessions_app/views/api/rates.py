"""How often one person may ask, for each web process. The socket has the same measure for each connection."""

from threading import Lock

from sessions_app.errors import SessionsError
from sessions_app.session.bucket import Bucket

PEOPLE_MOST = 10_000


class RateLimited(SessionsError):
    """Too many requests. Wait a moment, then repeat; it will count once."""

    code = "rate_limited"
    status = 429
    retry = True


_buckets: dict[str, Bucket] = {}
_lock = Lock()


def take(actor: str) -> None:
    """Raises RateLimited."""
    with _lock:
        bucket = _buckets.pop(actor, None) or Bucket()
        if len(_buckets) >= PEOPLE_MOST:  # the one who has been silent longest has a full bucket again
            del _buckets[next(iter(_buckets))]
        _buckets[actor] = bucket
        if not bucket.take():
            raise RateLimited()

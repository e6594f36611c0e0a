"""What the stream store refuses, and why. Codes are stable."""

from sessions_app.errors import SessionsError


class StreamError(SessionsError):
    """The root of the store's errors."""

    code = "stream_error"


class UnknownStream(StreamError):
    """There is no stream at this path. Check the path, or create it first."""

    code = "unknown_stream"
    status = 404


class StreamGone(StreamError):
    """The stream was deleted; forks still read its records. Its path stays taken until they are gone too."""

    code = "stream_gone"
    status = 410


class PathTaken(StreamError):
    """Another stream lives at this path, with another content type, expiry, origin or state."""

    code = "path_taken"
    status = 409


class SourceGone(StreamError):
    """The stream to fork was deleted. Fork one of its forks instead."""

    code = "source_gone"
    status = 409


class InvalidRequest(StreamError):
    """Something in the request is malformed; the message says what."""

    code = "bad_request"
    status = 400


class OffsetBeyondTail(InvalidRequest):
    """The offset lies beyond the end of the stream. Start again from an offset that this stream returned."""

    code = "offset_beyond_tail"


class ContentTypeMismatch(StreamError):
    """The content type is not the stream's."""

    code = "content_type_mismatch"
    status = 409


class SequenceRegression(StreamError):
    """Stream-Seq must be greater than the last one accepted."""

    code = "sequence_regression"
    status = 409


class ClosedStream(StreamError):
    """The stream is closed; nothing can be appended. ``head`` is its final offset."""

    code = "stream_closed"
    status = 409

    def __init__(self, head: int) -> None:
        super().__init__()
        self.head = head


class StaleProducer(StreamError):
    """A writer with a higher epoch took over. ``epoch`` is the current one; claim a higher one to continue."""

    code = "stale_epoch"
    status = 403

    def __init__(self, epoch: int) -> None:
        super().__init__()
        self.epoch = epoch


class SequenceGap(StreamError):
    """A request of this producer is missing: send the expected sequence number first."""

    code = "sequence_gap"
    status = 409

    def __init__(self, *, expected: int, received: int) -> None:
        super().__init__()
        self.expected, self.received = expected, received


class Unavailable(StreamError):
    """The server is busy just now. Repeat the request."""

    code = "unavailable"
    status = 503
    retry = True

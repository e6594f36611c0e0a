"""The root of the session layer's errors."""


class SessionsError(Exception):
    """An anticipated failure. ``code`` is stable and documented in PROTOCOL.md; ``str()`` says what a person can do.

    ``retry`` tells a client whether the same request may succeed later.
    """

    code = "error"
    status = 400
    retry = False

    def __init__(self, message: str = "", *, code: str | None = None) -> None:
        super().__init__(message or self.__class__.__doc__ or "")
        if code is not None:
            self.code = code

    def as_json(self) -> dict[str, dict[str, object]]:
        """The body of every answer that refuses something."""
        return {"error": {"code": self.code, "message": str(self), "retry": self.retry}}

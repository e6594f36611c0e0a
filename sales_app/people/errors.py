class PeopleError(Exception):
    """Something about people that was refused. ``code`` is stable; the message says what the person can do."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message

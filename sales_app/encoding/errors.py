"""What can be wrong when a skill is drawn from calls or from an interview."""


class EncodingError(Exception):
    """``code`` is stable; ``message`` says what is wrong and ``fix`` what a person can do about it."""

    def __init__(self, code: str, message: str, fix: str) -> None:
        super().__init__(f"{message} {fix}")
        self.code, self.message, self.fix = code, message, fix

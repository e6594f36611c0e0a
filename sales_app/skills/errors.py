"""What can be wrong with a skill."""


class SkillError(Exception):
    """``code`` is stable; ``message`` says what is wrong and ``fix`` what a person can do about it.

    ``reasons`` are the single points where there are several, as when a gate refuses to publish.
    """

    def __init__(self, code: str, message: str, fix: str, *, reasons: list[str] | None = None) -> None:
        super().__init__(f"{message} {fix}")
        self.code, self.message, self.fix = code, message, fix
        self.reasons = reasons or []

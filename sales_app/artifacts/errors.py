"""What can be wrong with an artifact."""


class ArtifactError(Exception):
    """``code`` is stable; ``message`` says what is wrong and what a person can do about it."""

    code = "artifact_error"

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class OffBrand(ArtifactError):
    """A page that does not keep to the brand kit; ``problems`` are its faults."""

    code = "off_brand"

    def __init__(self, problems: list[str]) -> None:
        super().__init__(
            f"The page does not keep to the brand kit: {' '.join(problems[:5])} Nothing was published."
        )
        self.problems = problems


class NotShared(ArtifactError):
    """A page that may not be shared as it is."""

    code = "not_shared"


class NoPdf(ArtifactError):
    """The typesetter failed. The page can still be printed from the browser."""

    code = "no_pdf"

"""What can be wrong with a question about the CRM."""

from collections.abc import Iterable
from typing import Any


class CrmError(Exception):
    """``code`` is stable; ``message`` says what to do; ``candidates`` are rows that may have been meant; ``quotes`` what the
    message holds of records' own texts."""

    code = "crm_error"

    def __init__(
        self, message: str, *, candidates: list[dict[str, Any]] | None = None, quotes: Iterable[object] = ()
    ) -> None:
        super().__init__(message)
        self.message = message
        self.candidates = candidates or []
        self.quotes = tuple(str(each) for each in quotes)

    def as_dict(self) -> dict[str, Any]:
        error: dict[str, Any] = {"code": self.code, "message": self.message}
        if self.candidates:
            error["candidates"] = self.candidates
        return {"error": error}


class UnknownValue(CrmError):
    """A filter or order that does not exist; the message lists those that do."""

    code = "unknown_value"


class NotFound(CrmError):
    """No such row, or none that this person may see: the two are not told apart."""

    code = "not_found"


class Ambiguous(CrmError):
    code = "ambiguous"

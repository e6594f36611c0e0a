"""What the checker says of a statement."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Finding:
    """``kind`` is number, date, name, negation, certainty, source or words; ``why`` is for people."""

    kind: str
    why: str

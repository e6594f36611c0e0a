"""What time brings, over all sessions: what goes wrong with one keeps no other from its own."""

import logging
from collections.abc import Callable, Iterable, Iterator
from typing import Any, TypeVar

logger = logging.getLogger(__name__)

T = TypeVar("T")


def each_by_itself(work: Callable[..., T], rows: Iterable[tuple[Any, ...]]) -> Iterator[T]:
    """What ``work`` makes of each row. A failure is logged and the row left for the next time."""
    for row in list(rows):
        try:
            made = work(*row)
        except Exception:
            logger.exception("%s failed for %s.", work.__qualname__, row[0])
        else:
            yield made

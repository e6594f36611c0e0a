"""What the demo providers share: operations as plain functions, run off the event loop."""

import logging
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any

from django.utils import timezone

from sales_app.connectors.arguments import WrongArgument
from sales_app.connectors.base import ConnectorDown, Item, Reading
from sales_app.database import in_database
from sales_app.people.models import User

logger = logging.getLogger(__name__)

Json = dict[str, Any]
Operation = Callable[[User, Json], Iterable[Item]]


class Reader:
    """A provider that answers from memory and the database.

    A subclass sets ``name``, ``title``, ``category`` and ``operations``. An id that is not there, or that ``user`` may not
    see, is answered with no items: the two are not told apart.
    """

    name: str
    title: str
    category: str

    def operations(self) -> Mapping[str, Operation]:
        raise NotImplementedError

    def as_of(self) -> datetime:
        """How fresh the answer is. What is read from our own database is of now."""
        return timezone.now()

    def read(self, user: User, operation: str, arguments: Json) -> Reading:
        """Blocks; for those who are not on an event loop."""
        known = self.operations()
        if operation not in known:
            raise WrongArgument(f"{self.title} answers {', '.join(known)}; not {operation!r}.")
        try:
            items = tuple(known[operation](user, arguments)) if user.is_active else ()
        except (
            KeyError,
            ValueError,
            TypeError,
            OSError,
        ) as problem:  # what is in the files is somebody else's
            logger.exception("%s could not answer %s", self.name, operation)
            raise ConnectorDown(
                f"{self.title} answered nothing that could be read. RevOps finds the reason in the log; try again later."
            ) from problem
        return Reading(category=self.category, provider=self.name, as_of=self.as_of(), items=items)

    async def call(self, user: User, operation: str, arguments: Json) -> Reading:
        return await in_database(self.read, user, operation, arguments)

"""SQLite has one write lock, and who waits for it sleeps and tries again, in no order: under load some wait for seconds.

In the embedded profile all writers are threads of one process, so they queue here before they ask SQLite. Other
processes (a command, a second server) still meet at SQLite's own lock.
"""

from typing import Any

from django.db.backends.sqlite3 import base
from django.db.utils import OperationalError

from config.sqlite.turns import Turns

_turns: dict[str, Turns] = {}
WRITES = ("INSERT", "UPDATE", "DELETE", "REPLACE")


class DatabaseWrapper(base.DatabaseWrapper):
    """Takes its turn when a transaction begins and for each single write outside of one."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._has_turn = False

    def take_turn(self) -> None:
        """Raises OperationalError after the time that SQLite would have waited."""
        if not self._has_turn:
            turns = _turns.setdefault(str(self.settings_dict["NAME"]), Turns())
            if not turns.take(self.settings_dict["OPTIONS"].get("timeout", 5)):
                raise OperationalError("database is locked")
            self._has_turn = True

    def end_turn(self) -> None:
        if self._has_turn:
            self._has_turn = False
            _turns[str(self.settings_dict["NAME"])].pass_on()

    def create_cursor(self, name: str | None = None) -> Any:
        return self.connection.cursor(factory=lambda raw: Cursor(raw, self))

    def _start_transaction_under_autocommit(self) -> None:
        self.take_turn()
        try:
            super()._start_transaction_under_autocommit()  # type: ignore[misc]  # not in the stubs
        except BaseException:
            self.end_turn()
            raise

    def _commit(self) -> None:
        super()._commit()  # type: ignore[misc]
        self.end_turn()

    def _rollback(self) -> None:
        try:
            super()._rollback()  # type: ignore[misc]
        finally:
            self.end_turn()

    def _close(self) -> None:
        try:
            super()._close()  # type: ignore[misc]
        finally:
            self.end_turn()


class Cursor(base.SQLiteCursorWrapper):
    def __init__(self, raw: Any, wrapper: DatabaseWrapper) -> None:
        super().__init__(raw)
        self._wrapper = wrapper

    def execute(self, query: str, params: Any = None) -> Any:
        if self._is_single_write(query):
            self._wrapper.take_turn()
            try:
                return super().execute(query, params)
            finally:
                self._wrapper.end_turn()
        return super().execute(query, params)

    def _is_single_write(self, query: str) -> bool:
        return not self.connection.in_transaction and query.lstrip()[:7].upper().startswith(WRITES)

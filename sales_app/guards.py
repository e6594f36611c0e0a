"""Guards that the database itself keeps, on either store: triggers that migrations install."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, kw_only=True)
class Guard:
    """Statements that install it and take it away again. On SQLite a migration that rebuilds the table loses its triggers
    and has to install them again."""

    sqlite: Sequence[str]
    postgresql: Sequence[str]
    remove_sqlite: Sequence[str]
    remove_postgresql: Sequence[str]

    def install(self, connection: Any) -> None:
        """``connection`` is a Django connection to either store."""
        _run(connection, self.sqlite if connection.vendor == "sqlite" else self.postgresql)

    def remove(self, connection: Any) -> None:
        _run(connection, self.remove_sqlite if connection.vendor == "sqlite" else self.remove_postgresql)


def refusing_function(name: str, words: str) -> str:
    """PostgreSQL: a trigger function that refuses whatever it is called for."""
    return f"""
    CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        RAISE EXCEPTION '{words}' USING ERRCODE = 'integrity_constraint_violation';
    END $$
    """


def refusing_trigger(name: str, when: str, words: str, *, condition: str = "") -> str:
    """SQLite: ``when`` is such as ``UPDATE ON table``."""
    clause = f" WHEN {condition}" if condition else ""
    return f"CREATE TRIGGER {name} BEFORE {when}{clause} BEGIN SELECT RAISE(ABORT, '{words}'); END"


def changed(columns: Sequence[str], *, differ: str = "<>") -> str:
    """The condition that one of these columns is written anew; PostgreSQL has ``IS DISTINCT FROM``."""
    return " OR ".join(f"OLD.{column} {differ} NEW.{column}" for column in columns)


def _run(connection: Any, statements: Sequence[str]) -> None:
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)

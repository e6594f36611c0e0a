"""The database's own guard: what a version of the prices says is never changed, and no version is taken away, whoever writes.

On SQLite a later migration that rebuilds the table loses its triggers and has to install them again.
"""

from typing import Any

_TABLE = "sales_app_priceversion"
_FIXED = ("number", "terms", "effective_from")
_WORDS = "a version of the prices never changes"
_CHANGED = " OR ".join(f"OLD.{column} <> NEW.{column}" for column in _FIXED)
_CHANGED_PG = " OR ".join(f"OLD.{column} IS DISTINCT FROM NEW.{column}" for column in _FIXED)

SQLITE = [
    f"CREATE TRIGGER price_version_changed BEFORE UPDATE ON {_TABLE} WHEN {_CHANGED} BEGIN SELECT RAISE(ABORT, '{_WORDS}'); END",
    f"CREATE TRIGGER price_version_taken BEFORE DELETE ON {_TABLE} BEGIN SELECT RAISE(ABORT, '{_WORDS}'); END",
]
POSTGRESQL = [
    f"""
    CREATE FUNCTION price_version_fixed() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        RAISE EXCEPTION '{_WORDS}' USING ERRCODE = 'integrity_constraint_violation';
    END $$
    """,
    f"CREATE TRIGGER price_version_changed BEFORE UPDATE ON {_TABLE} FOR EACH ROW WHEN ({_CHANGED_PG})"
    " EXECUTE FUNCTION price_version_fixed()",
    f"CREATE TRIGGER price_version_taken BEFORE DELETE ON {_TABLE} FOR EACH ROW EXECUTE FUNCTION price_version_fixed()",
]
REMOVE_SQLITE = ["DROP TRIGGER price_version_changed", "DROP TRIGGER price_version_taken"]
REMOVE_POSTGRESQL = [
    f"DROP TRIGGER price_version_changed ON {_TABLE}",
    f"DROP TRIGGER price_version_taken ON {_TABLE}",
    "DROP FUNCTION price_version_fixed()",
]


def install(connection: Any) -> None:
    """``connection`` is a Django connection to either store."""
    _run(connection, SQLITE if connection.vendor == "sqlite" else POSTGRESQL)


def remove(connection: Any) -> None:
    _run(connection, REMOVE_SQLITE if connection.vendor == "sqlite" else REMOVE_POSTGRESQL)


def _run(connection: Any, statements: list[str]) -> None:
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)

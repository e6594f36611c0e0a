"""The database's own guard: the files of a version are never changed, added to or taken away, whoever writes.

A version's files come while it is a draft, in the transaction that makes it. Installed by a migration. On SQLite a later migration
that rebuilds one of the two tables loses its triggers and has to install them again.
"""

from typing import Any

_FILES, _VERSIONS = "sales_app_skillfile", "sales_app_skillversion"
_FIXED = ("skill_id", "number", "origin", "description", "digest")
_WORDS = "the files of a skill version never change"
_STATE = f"(SELECT state FROM {_VERSIONS} WHERE id = NEW.version_id)"  # noqa: S608  # constants


def _refusing_sqlite(name: str, when: str, condition: str = "") -> str:
    clause = f" WHEN {condition}" if condition else ""
    return f"CREATE TRIGGER {name} BEFORE {when}{clause} BEGIN SELECT RAISE(ABORT, '{_WORDS}'); END"


SQLITE = [
    _refusing_sqlite("skill_file_changed", f"UPDATE ON {_FILES}"),
    _refusing_sqlite("skill_file_taken", f"DELETE ON {_FILES}"),
    _refusing_sqlite("skill_file_added", f"INSERT ON {_FILES}", f"{_STATE} <> 'draft'"),
    _refusing_sqlite(
        "skill_version_changed",
        f"UPDATE ON {_VERSIONS}",
        " OR ".join(f"OLD.{column} <> NEW.{column}" for column in _FIXED),
    ),
]

POSTGRESQL = [
    f"""
    CREATE FUNCTION skill_version_fixed() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        RAISE EXCEPTION '{_WORDS}' USING ERRCODE = 'integrity_constraint_violation';
    END $$
    """,
    f"""
    CREATE FUNCTION skill_file_to_a_draft() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF {_STATE} <> 'draft' THEN
            RAISE EXCEPTION '{_WORDS}' USING ERRCODE = 'integrity_constraint_violation';
        END IF;
        RETURN NEW;
    END $$
    """,
    f"CREATE TRIGGER skill_file_changed BEFORE UPDATE OR DELETE ON {_FILES}"
    " FOR EACH ROW EXECUTE FUNCTION skill_version_fixed()",
    f"CREATE TRIGGER skill_file_added BEFORE INSERT ON {_FILES}"
    " FOR EACH ROW EXECUTE FUNCTION skill_file_to_a_draft()",
    f"CREATE TRIGGER skill_version_changed BEFORE UPDATE ON {_VERSIONS} FOR EACH ROW WHEN ("
    + " OR ".join(f"OLD.{column} IS DISTINCT FROM NEW.{column}" for column in _FIXED)
    + ") EXECUTE FUNCTION skill_version_fixed()",
]

REMOVE_SQLITE = [
    f"DROP TRIGGER {name}"
    for name in ("skill_file_changed", "skill_file_taken", "skill_file_added", "skill_version_changed")
]
REMOVE_POSTGRESQL = [
    f"DROP TRIGGER skill_file_changed ON {_FILES}",
    f"DROP TRIGGER skill_file_added ON {_FILES}",
    f"DROP TRIGGER skill_version_changed ON {_VERSIONS}",
    "DROP FUNCTION skill_version_fixed()",
    "DROP FUNCTION skill_file_to_a_draft()",
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

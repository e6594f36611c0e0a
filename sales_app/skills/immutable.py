"""The database's own guard: the files of a version are never changed, added to or taken away, whoever writes.

A version's files come while it is a draft, in the transaction that makes it.
"""

from sales_app.guards import Guard, changed, refusing_function, refusing_trigger

_FILES, _VERSIONS = "sales_app_skillfile", "sales_app_skillversion"
_FIXED = ("skill_id", "number", "origin", "description", "digest")
_WORDS = "the files of a skill version never change"
_STATE = f"(SELECT state FROM {_VERSIONS} WHERE id = NEW.version_id)"  # noqa: S608  # constants

GUARD = Guard(
    sqlite=[
        refusing_trigger("skill_file_changed", f"UPDATE ON {_FILES}", _WORDS),
        refusing_trigger("skill_file_taken", f"DELETE ON {_FILES}", _WORDS),
        refusing_trigger("skill_file_added", f"INSERT ON {_FILES}", _WORDS, condition=f"{_STATE} <> 'draft'"),
        refusing_trigger(
            "skill_version_changed", f"UPDATE ON {_VERSIONS}", _WORDS, condition=changed(_FIXED)
        ),
    ],
    postgresql=[
        refusing_function("skill_version_fixed", _WORDS),
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
        f"CREATE TRIGGER skill_version_changed BEFORE UPDATE ON {_VERSIONS} FOR EACH ROW"
        f" WHEN ({changed(_FIXED, differ='IS DISTINCT FROM')}) EXECUTE FUNCTION skill_version_fixed()",
    ],
    remove_sqlite=[
        f"DROP TRIGGER {name}"
        for name in ("skill_file_changed", "skill_file_taken", "skill_file_added", "skill_version_changed")
    ],
    remove_postgresql=[
        f"DROP TRIGGER skill_file_changed ON {_FILES}",
        f"DROP TRIGGER skill_file_added ON {_FILES}",
        f"DROP TRIGGER skill_version_changed ON {_VERSIONS}",
        "DROP FUNCTION skill_version_fixed()",
        "DROP FUNCTION skill_file_to_a_draft()",
    ],
)
install, remove = GUARD.install, GUARD.remove

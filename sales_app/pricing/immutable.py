"""The database's own guard: what a version of the prices says is never changed, and no version is taken away, whoever writes."""

from sales_app.guards import Guard, changed, refusing_function, refusing_trigger

_TABLE = "sales_app_priceversion"
_FIXED = ("number", "terms", "effective_from")
_WORDS = "a version of the prices never changes"

GUARD = Guard(
    sqlite=[
        refusing_trigger("price_version_changed", f"UPDATE ON {_TABLE}", _WORDS, condition=changed(_FIXED)),
        refusing_trigger("price_version_taken", f"DELETE ON {_TABLE}", _WORDS),
    ],
    postgresql=[
        refusing_function("price_version_fixed", _WORDS),
        f"CREATE TRIGGER price_version_changed BEFORE UPDATE ON {_TABLE} FOR EACH ROW"
        f" WHEN ({changed(_FIXED, differ='IS DISTINCT FROM')}) EXECUTE FUNCTION price_version_fixed()",
        f"CREATE TRIGGER price_version_taken BEFORE DELETE ON {_TABLE} FOR EACH ROW EXECUTE FUNCTION price_version_fixed()",
    ],
    remove_sqlite=["DROP TRIGGER price_version_changed", "DROP TRIGGER price_version_taken"],
    remove_postgresql=[
        f"DROP TRIGGER price_version_changed ON {_TABLE}",
        f"DROP TRIGGER price_version_taken ON {_TABLE}",
        "DROP FUNCTION price_version_fixed()",
    ],
)
install, remove = GUARD.install, GUARD.remove

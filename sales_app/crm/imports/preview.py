"""The rows of a checked file as people read them: names in the place of ids, labels in the place of codes."""

from collections.abc import Sequence
from typing import Any

from django.db.models import ForeignKey

from sales_app.crm.imports.columns import MODELS
from sales_app.crm.models import ImportBatch, ImportRow


def preview(batch: ImportBatch, rows: Sequence[ImportRow]) -> tuple[list[str], list[list[str]]]:
    """``(columns, cells of each row)``. One query for each column that points to other records."""
    columns = list(dict.fromkeys(name for row in rows for name in row.values))
    words = {name: _words(MODELS[batch.kind], name, rows) for name in columns}
    return columns, [[_cell(words[name], row.values.get(name)) for name in columns] for row in rows]


def _cell(words: dict[Any, str], value: Any) -> str:
    return "" if value is None else words.get(value, str(value))


def _words(model: Any, name: str, rows: Sequence[ImportRow]) -> dict[Any, str]:
    """What stands for the column's values; whatever is not in it stands for itself."""
    field = model._meta.get_field(name)
    if isinstance(field, ForeignKey):
        ids = {row.values.get(name) for row in rows} - {None}
        return {key: str(found) for key, found in field.related_model._default_manager.in_bulk(ids).items()}
    return {value: str(label) for value, label in field.flatchoices}

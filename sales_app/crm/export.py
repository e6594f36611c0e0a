"""A list as CSV, in the columns that the import reads."""

from typing import Any

from django.db.models import QuerySet
from django.http import HttpResponse
from django.utils import timezone
from import_export.formats.base_formats import CSV
from tablib import Dataset  # type: ignore[import-untyped]

from sales_app.crm.imports.columns import EXAMPLES, resource_for
from sales_app.crm.imports.formulas import escape
from sales_app.people.models import User


class SafeCSV(CSV):
    """django-import-export's own escaping takes off a leading ``=`` and knows no other formula."""

    def export_data(self, dataset: Dataset, **kwargs: Any) -> Any:
        safe = Dataset(headers=dataset.headers)
        for row in dataset:
            safe.append([escape(cell) if isinstance(cell, str) else cell for cell in row])
        return safe.export("csv", **kwargs)


def csv_response(kind: str, rows: QuerySet[Any], user: User) -> HttpResponse:
    resource = resource_for(kind, user)
    fields = list(resource.fields.values())
    dataset = Dataset(headers=[field.column_name for field in fields])
    for row in rows.iterator(chunk_size=2000):
        dataset.append([_cell(field, row) for field in fields])
    return _download(dataset, f"{kind}-{timezone.localdate()}.csv")


def template_response(kind: str, user: User) -> HttpResponse:
    """The columns, and one row to be overwritten."""
    names = list(resource_for(kind, user).fields)
    dataset = Dataset(headers=names)
    dataset.append([EXAMPLES[kind].get(name, "") for name in names])
    return _download(dataset, f"{kind}-template.csv")


def _cell(field: Any, row: Any) -> Any:
    """Numbers and days are rendered by their widget and cannot begin a formula; text is escaped later."""
    return field.widget.render(getattr(row, field.attribute), row)


def _download(dataset: Dataset, name: str) -> HttpResponse:
    # The mark tells Excel that this is UTF-8; the import reads over it.
    response = HttpResponse("\ufeff" + SafeCSV().export_data(dataset), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    response["X-Content-Type-Options"] = "nosniff"
    return response

"""A file into the staging table, checked, in short transactions: other writers come in between.

This is the dry run: nothing of the CRM is touched, and the batch says what an import would do.
"""

from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from sales_app.crm.imports.checking import Checker
from sales_app.crm.imports.columns import REQUIRED, column_names
from sales_app.crm.imports.reading import read
from sales_app.crm.models import ImportBatch, ImportRow
from sales_app.people.models import User

ROWS_PER_TRANSACTION = 250
ERRORS_KEPT = 200
KEPT_FOR = timedelta(days=1)


def stage(data: bytes, *, kind: str, file_name: str, user: User) -> ImportBatch:
    """Returns a batch that is READY or REFUSED. Raises ``FileRefused`` when the file cannot be read at all."""
    _forget_old(user)
    lines = read(data, known=column_names(kind, user), required=REQUIRED[kind])
    batch = ImportBatch.objects.create(kind=kind, file_name=file_name[:200], created_by=user)
    checker = Checker(kind, user)
    for start in range(0, len(lines), ROWS_PER_TRANSACTION):
        part = [checker.check(line) for line in lines[start : start + ROWS_PER_TRANSACTION]]
        good = [row for row in part if not row.errors]
        for row in part:
            batch.error_count += len(row.errors)
            batch.errors += row.errors[: max(0, ERRORS_KEPT - len(batch.errors))]
        batch.to_update += sum(1 for row in good if row.target is not None)
        batch.to_create += sum(1 for row in good if row.target is None)
        with transaction.atomic():
            ImportRow.objects.bulk_create(
                ImportRow(batch=batch, line=row.line, values=row.values, target=row.target) for row in good
            )
    batch.rows_read = len(lines)
    batch.state = ImportBatch.State.REFUSED if batch.error_count else ImportBatch.State.READY
    batch.save()
    if batch.error_count:
        forget_rows(batch)  # it can never be applied; only the errors are of use
    return batch


def forget_rows(batch: ImportBatch) -> None:
    """In parts: deleting a large batch at once would hold SQLite's write lock."""
    while lines := list(batch.rows.values_list("pk", flat=True)[:1000]):
        ImportRow.objects.filter(pk__in=lines).delete()


def _forget_old(user: User) -> None:
    """Files that were checked and never imported."""
    old = ImportBatch.objects.filter(created_by=user, created_at__lt=timezone.now() - KEPT_FOR).exclude(
        state=ImportBatch.State.APPLIED
    )
    for batch in old:
        forget_rows(batch)
        batch.delete()

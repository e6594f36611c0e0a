"""Import: choose a file, see what it would do, do it."""

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from sales_app.crm.export import template_response
from sales_app.crm.imports.applying import NotApplied, apply
from sales_app.crm.imports.columns import REQUIRED, column_names
from sales_app.crm.imports.preview import preview
from sales_app.crm.imports.reading import MAX_BYTES, MAX_ROWS, FileRefused
from sales_app.crm.imports.staging import stage
from sales_app.crm.models import ImportBatch
from sales_app.crm.page import crm_page
from sales_app.people.models import User

Kind = ImportBatch.Kind
ROWS_PREVIEWED = 8


@require_http_methods(["GET", "POST"])
@crm_page("crm.import")
def import_start(request: HttpRequest, user: User) -> HttpResponse:
    kind = (request.POST or request.GET).get("kind", Kind.ACCOUNTS)
    if kind not in Kind.values:
        raise Http404
    problem: FileRefused | None = None
    if request.method == "POST":
        try:
            return redirect("import-batch", _stage(request, user, kind).pk)
        except FileRefused as refused:
            problem = refused
    context = {
        "kind": kind,
        "kinds": Kind.choices,
        "columns": column_names(kind, user),
        "required": REQUIRED[kind],
        "problem": problem,
        "max_rows": MAX_ROWS,
        "max_megabytes": MAX_BYTES // 1024**2,
        "batches": ImportBatch.objects.filter(created_by=user)[:8],
    }
    return render(request, "crm/import.html", context, status=400 if problem else 200)


def _stage(request: HttpRequest, user: User, kind: str) -> ImportBatch:
    file = request.FILES.get("file")
    if file is None:
        raise FileRefused("no_file", "No file was chosen.", "Choose a CSV file.")
    if (file.size or 0) > MAX_BYTES:
        raise FileRefused(
            "too_large",
            f"The file has {(file.size or 0) / 1024**2:.1f} MiB.",
            f"Split it: at most {MAX_BYTES // 1024**2} MiB at a time.",
        )
    return stage(file.read(), kind=kind, file_name=file.name or "file.csv", user=user)


@require_safe
@crm_page("crm.import")
def import_batch(request: HttpRequest, user: User, pk: UUID) -> HttpResponse:
    batch = get_object_or_404(ImportBatch, pk=pk, created_by=user)
    rows = list(batch.rows.all()[:ROWS_PREVIEWED])
    names, cells = preview(batch, rows)
    context = {
        "batch": batch,
        "errors_left_out": batch.error_count - len(batch.errors),
        "names": names,
        "rows": list(zip(rows, cells, strict=True)),
    }
    return render(request, "crm/import_batch.html", context)


@require_POST
@crm_page("crm.import")
def import_apply(request: HttpRequest, user: User, pk: UUID) -> HttpResponse:
    batch = get_object_or_404(ImportBatch, pk=pk, created_by=user)
    try:
        apply(batch)
    except NotApplied as problem:
        messages.error(request, str(problem))
    else:
        messages.success(
            request, f"{batch.to_create} added, {batch.to_update} changed from {batch.file_name}."
        )
    return redirect("import-batch", batch.pk)


@require_safe
@crm_page("crm.import")
def import_template(request: HttpRequest, user: User, kind: str) -> HttpResponse:
    return template_response(kind, user)

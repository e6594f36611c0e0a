"""Drafts in the mailbox: the list, the form, sending after a look at the whole mail, throwing away.

A draft of somebody else answers 404, as one that never was, also to managers.
"""

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from sales_app.crm.editing import differences
from sales_app.crm.page import crm_page
from sales_app.mail.drafts import (
    NotADraft,
    StaleDraft,
    Unsendable,
    discard,
    drafts_of,
    edit_draft,
    send_draft,
    unsendable,
)
from sales_app.mail.forms import DraftForm
from sales_app.mail.models import Mail
from sales_app.people.models import User

PER_PAGE = 50


@require_safe
@crm_page()
def draft_list(request: HttpRequest, user: User) -> HttpResponse:
    page = Paginator(drafts_of(user).select_related("account"), PER_PAGE).get_page(request.GET.get("page"))
    return render(request, "mail/drafts.html", {"page": page, "drafts_waiting": page.paginator.count})


@require_http_methods(["GET", "POST"])
@crm_page("crm.write")
def draft_edit(request: HttpRequest, user: User, pk: int) -> HttpResponse:
    draft = get_object_or_404(drafts_of(user), pk=pk)
    form = DraftForm(request.POST or None, instance=draft, initial={"version": draft.version})
    context = {"form": form, "title": "Edit draft", "back": draft.get_absolute_url()}
    if request.method != "POST" or not form.is_valid():
        return render(request, "crm/edit.html", context, status=400 if form.errors else 200)
    data = form.cleaned_data
    try:
        edit_draft(
            draft,
            to=data["recipient"],
            subject=data["subject"],
            body=data["body"],
            version=form.given_version(),
            by=user,
        )
    except StaleDraft as stale:
        # The next attempt is made knowing what changed.
        again = request.POST.copy()
        again["version"] = str(stale.current.version)
        form.data = again
        context["conflict"] = differences(form, stale.current)
        return render(request, "crm/edit.html", context, status=409)
    except NotADraft as gone:
        messages.error(request, str(gone))
        return redirect("mails")
    messages.success(request, "The draft is saved.")
    return redirect(draft.get_absolute_url())


@require_http_methods(["GET", "POST"])
@crm_page("crm.write")
def draft_send(request: HttpRequest, user: User, pk: int) -> HttpResponse:
    """First the mail as it will leave; sent is the version that was on that page."""
    if request.method != "POST":
        draft = get_object_or_404(drafts_of(user), pk=pk)
        return _look(request, draft, problem=unsendable(draft))
    draft = get_object_or_404(Mail, pk=pk, owner=user)
    try:
        sent = send_draft(draft, version=_version(request), by=user)
    except StaleDraft as stale:
        return _look(request, stale.current, problem=str(stale), status=409)
    except Unsendable as wrong:
        return _look(request, draft, problem=str(wrong), status=400)
    except NotADraft as gone:
        messages.error(request, str(gone))
        return redirect("drafts")
    if sent.status == Mail.Status.DELIVERED:
        messages.success(request, f"Sent to {sent.recipient}.")
    else:
        messages.error(request, f"Not sent. {sent.problem} The draft is kept.")
    return redirect(sent.get_absolute_url())


@require_POST
@crm_page("crm.write")
def draft_discard(request: HttpRequest, user: User, pk: int) -> HttpResponse:
    draft = get_object_or_404(drafts_of(user), pk=pk)
    try:
        discard(draft, version=_version(request), by=user)
    except (StaleDraft, NotADraft) as problem:
        messages.error(request, str(problem))
        return redirect("drafts")
    messages.success(request, f"The draft to {draft.recipient} is discarded.")
    return redirect("drafts")


def _look(request: HttpRequest, draft: Mail, *, problem: str = "", status: int = 200) -> HttpResponse:
    return render(request, "mail/send.html", {"mail": draft, "problem": problem}, status=status)


def _version(request: HttpRequest) -> int:
    given = request.POST.get("version", "")
    return int(given) if given.isdecimal() and len(given) < 10 else 0

"""The mailbox: a list and each mail."""

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from sales_app.crm.access import accounts_for
from sales_app.crm.page import crm_page, render_list
from sales_app.mail.access import mails_for
from sales_app.mail.drafts import drafts_of
from sales_app.mail.filters import MailFilters
from sales_app.people.models import User

PER_PAGE = 50


@require_safe
@crm_page()
def mail_list(request: HttpRequest, user: User) -> HttpResponse:
    filters = MailFilters(request.GET, user=user)
    context = {
        "filters": filters,
        "order": filters.order,
        "kind": "mails",
        "drafts_waiting": drafts_of(user).count(),
        "is_first_run": not filters.is_narrowed and not mails_for(user).exists(),
        "page": Paginator(filters.rows(), PER_PAGE).get_page(request.GET.get("page")),
    }
    return render_list(request, "mail/list.html", "mail/_list.html", context)


@require_safe
@crm_page()
def mail_detail(request: HttpRequest, user: User, pk: int) -> HttpResponse:
    mail = get_object_or_404(mails_for(user).select_related("owner", "contact", "account"), pk=pk)
    visible = mail.account_id is not None and accounts_for(user).filter(pk=mail.account_id).exists()
    answered = None
    if mail.in_reply_to:
        answered = mails_for(user).filter(owner=mail.owner, message_id=mail.in_reply_to).first()
    context = {"mail": mail, "account_is_visible": visible, "answered": answered}
    return render(request, "mail/detail.html", context)

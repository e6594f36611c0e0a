"""One record: reading it, writing it. A record of somebody else's book answers 404, as one that never was."""

from collections.abc import Callable
from typing import Any, TypeVar

from django.contrib import messages
from django.core.paginator import Paginator
from django.db import transaction
from django.db.models import F, Model, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from sales_app.crm.access import accounts_for, activities_for, contacts_for, deals_for
from sales_app.crm.editing import Changed, differences, note, save_edit
from sales_app.crm.forms import AccountForm, ActivityForm, ContactForm, DealForm, RecordForm
from sales_app.crm.models import Account, Activity, Contact, Deal
from sales_app.crm.page import crm_page, render_list
from sales_app.people.access import can
from sales_app.people.models import User

Row = TypeVar("Row", bound=Model)
TIMELINE_PAGE = 20


def _timeline(request: HttpRequest, rows: QuerySet[Activity]) -> dict[str, Any]:
    """What is planned, the next first, and a page of what was, the latest first."""
    rows = rows.select_related("account", "contact", "deal", "owner")
    now = timezone.now()
    past = rows.filter(starts_at__lte=now).order_by("-starts_at", "-id")
    return {
        "planned": rows.filter(starts_at__gt=now).order_by("starts_at", "id")[:TIMELINE_PAGE],
        "timeline": Paginator(past, TIMELINE_PAGE).get_page(request.GET.get("page")),
    }


@require_safe
@crm_page()
def account_detail(request: HttpRequest, user: User, pk: int) -> HttpResponse:
    account = get_object_or_404(accounts_for(user).select_related("owner"), pk=pk)
    context = {
        "account": account,
        "contacts": account.contacts.order_by("name_key", "id"),
        "deals": account.deals.select_related("owner").order_by("-close_date", "-id"),
        "may_write": can(user, "crm.write"),
        **_timeline(request, activities_for(user).filter(account=account)),
    }
    return render_list(request, "crm/account.html", "crm/_timeline.html", context)


@require_safe
@crm_page()
def contact_detail(request: HttpRequest, user: User, pk: int) -> HttpResponse:
    contact = get_object_or_404(contacts_for(user).select_related("account__owner"), pk=pk)
    context = {
        "contact": contact,
        "may_write": can(user, "crm.write"),
        **_timeline(request, activities_for(user).filter(contact=contact)),
    }
    return render_list(request, "crm/contact.html", "crm/_timeline.html", context)


@require_safe
@crm_page()
def deal_detail(request: HttpRequest, user: User, pk: int) -> HttpResponse:
    deal = get_object_or_404(deals_for(user).select_related("account", "owner"), pk=pk)
    context = {
        "deal": deal,
        "contacts": deal.account.contacts.order_by("name_key", "id"),
        "may_write": can(user, "crm.write"),
        **_timeline(request, activities_for(user).filter(deal=deal)),
    }
    return render_list(request, "crm/deal.html", "crm/_timeline.html", context)


@require_safe
@crm_page()
def activity_detail(request: HttpRequest, user: User, pk: int) -> HttpResponse:
    activity = get_object_or_404(
        activities_for(user).select_related("account", "contact", "deal", "owner"), pk=pk
    )
    account = activity.account
    context = {
        "activity": activity,
        # Somebody's own call at an account that has since moved to another book: named, not linked.
        "account_is_visible": account is not None and accounts_for(user).filter(pk=account.pk).exists(),
        "may_write": can(user, "crm.write"),
    }
    return render(request, "crm/activity.html", context)


@require_http_methods(["GET", "POST"])
@crm_page("crm.write")
def account_edit(request: HttpRequest, user: User, pk: int) -> HttpResponse:
    return _edit(request, user, get_object_or_404(accounts_for(user), pk=pk), AccountForm)


@require_http_methods(["GET", "POST"])
@crm_page("crm.write")
def contact_edit(request: HttpRequest, user: User, pk: int) -> HttpResponse:
    return _edit(request, user, get_object_or_404(contacts_for(user), pk=pk), ContactForm)


@require_http_methods(["GET", "POST"])
@crm_page("crm.write")
def deal_edit(request: HttpRequest, user: User, pk: int) -> HttpResponse:
    return _edit(request, user, get_object_or_404(deals_for(user), pk=pk), DealForm)


@require_http_methods(["GET", "POST"])
@crm_page("crm.write")
def activity_edit(request: HttpRequest, user: User, pk: int) -> HttpResponse:
    return _edit(request, user, get_object_or_404(activities_for(user), pk=pk), ActivityForm)


@require_http_methods(["GET", "POST"])
@crm_page("crm.write")
def account_new(request: HttpRequest, user: User) -> HttpResponse:
    return _new(request, user, Account(), AccountForm, "New account", "/accounts/")


@require_http_methods(["GET", "POST"])
@crm_page("crm.write")
def contact_new(request: HttpRequest, user: User, account_id: int) -> HttpResponse:
    account = get_object_or_404(accounts_for(user), pk=account_id)
    back = account.get_absolute_url()
    return _new(request, user, Contact(account=account), ContactForm, f"New contact at {account}", back)


@require_http_methods(["GET", "POST"])
@crm_page("crm.write")
def deal_new(request: HttpRequest, user: User, account_id: int) -> HttpResponse:
    account = get_object_or_404(accounts_for(user), pk=account_id)
    back = account.get_absolute_url()
    return _new(request, user, Deal(account=account), DealForm, f"New deal with {account}", back)


@require_http_methods(["GET", "POST"])
@crm_page("crm.write")
def activity_new(request: HttpRequest, user: User) -> HttpResponse:
    """``?account=``, ``?deal=`` or ``?contact=`` say what it is about; without one it is internal."""
    activity = Activity(owner=user)
    about = _about(request, user)
    if isinstance(about, Account):
        activity.account = about
    elif isinstance(about, Deal):
        activity.account, activity.deal = about.account, about
    elif isinstance(about, Contact):
        activity.account, activity.contact = about.account, about
    title = f"Log an activity: {about}" if about else "Log an activity"
    back = about.get_absolute_url() if about else "/activities/"
    hint = (
        ""
        if about
        else "This one belongs to no customer. To log one that does, begin on the customer's page."
    )
    return _new(request, user, activity, ActivityForm, title, back, hint=hint)


def _about(request: HttpRequest, user: User) -> Account | Deal | Contact | None:
    lookups: dict[str, Callable[[User], QuerySet[Any]]] = {
        "account": accounts_for,
        "deal": deals_for,
        "contact": contacts_for,
    }
    for name, rows in lookups.items():
        given = request.GET.get(name, "")
        if given:
            if not given.isdecimal() or len(given) > 18:
                raise Http404
            found: Account | Deal | Contact = get_object_or_404(rows(user), pk=int(given))
            return found
    return None


@require_POST
@crm_page("crm.write")
def activity_done(request: HttpRequest, user: User, pk: int) -> HttpResponse:
    task = get_object_or_404(activities_for(user).filter(kind=Activity.Kind.TASK), pk=pk)
    done = request.POST.get("done") == "1"
    with transaction.atomic():
        Activity.objects.filter(pk=task.pk).update(done=done, version=F("version") + 1)
        if done != task.done:
            note(user, "changed", task, {"done": [task.done, done]})
    messages.success(request, f"{'Done' if done else 'Open again'}: {task.subject}")
    return redirect(task.get_absolute_url())


def _new(
    request: HttpRequest,
    user: User,
    instance: Any,
    form_class: type[RecordForm],
    title: str,
    back: str,
    *,
    hint: str = "",
) -> HttpResponse:
    form = form_class(request.POST or None, instance=instance, user=user)
    if request.method == "POST" and form.is_valid():
        with transaction.atomic():
            made = form.save()
            note(user, "created", made)
        messages.success(request, f"{made} is saved.")
        return redirect(made.get_absolute_url())
    context = {"form": form, "title": title, "back": back, "hint": hint, "zone": user.time_zone}
    return render(request, "crm/edit.html", context, status=400 if form.errors else 200)


def _edit(request: HttpRequest, user: User, instance: Any, form_class: type[RecordForm]) -> HttpResponse:
    title, back = f"Edit {instance}", instance.get_absolute_url()
    form = form_class(request.POST or None, instance=instance, user=user)
    context: dict[str, Any] = {"form": form, "title": title, "back": back, "zone": user.time_zone}
    if request.method != "POST" or not form.is_valid():
        return render(request, "crm/edit.html", context, status=400 if form.errors else 200)
    try:
        saved = save_edit(form.instance, version=form.given_version(), fields=form.field_names(), by=user)
    except Changed as changed:
        if changed.current is None:
            raise Http404 from None
        context["conflict"] = differences(form, changed.current)
        # The next attempt is made knowing what changed.
        data = request.POST.copy()
        data["version"] = str(getattr(changed.current, "version", 0))
        form.data = data
        return render(request, "crm/edit.html", context, status=409)
    messages.success(request, f"{saved} is saved.")
    return redirect(saved.get_absolute_url())

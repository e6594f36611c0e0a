"""What every page of the CRM has: a signed-in reader with the right, their time zone, and a form for filters."""

from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, ParamSpec, cast
from zoneinfo import ZoneInfo

from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import patch_vary_headers
from django.utils.http import urlencode
from django_htmx.http import HttpResponseClientRedirect
from django_htmx.middleware import HtmxDetails

from sales_app.people.access import can
from sales_app.people.models import User

P = ParamSpec("P")
View = Callable[Concatenate[HttpRequest, User, P], HttpResponse]


def crm_page(
    action: str = "crm.read",
) -> Callable[[View[P]], Callable[Concatenate[HttpRequest, P], HttpResponse]]:
    """The view gets ``(request, user, ...)`` and runs in the user's time zone."""

    def decorate(view: View[P]) -> Callable[Concatenate[HttpRequest, P], HttpResponse]:
        @wraps(view)
        def opened(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
            user = request.user
            if not isinstance(user, User):
                return _to_login(request)
            if not can(user, action):
                raise PermissionDenied
            with timezone.override(ZoneInfo(user.time_zone)):
                return view(request, user, *args, **kwargs)

        # functools.wraps gives a type that names its argument; ours does not.
        return cast(Callable[Concatenate[HttpRequest, P], HttpResponse], opened)

    return decorate


def _to_login(request: HttpRequest) -> HttpResponse:
    """A fragment cannot be answered with a login page: the whole page goes there, and comes back."""
    htmx = htmx_of(request)
    if not htmx:
        return redirect_to_login(request.get_full_path())
    back = htmx.current_url_abs_path or "/"
    return HttpResponseClientRedirect(f"{reverse('account_login')}?{urlencode({'next': back})}")


def htmx_of(request: HttpRequest) -> HtmxDetails:
    htmx: HtmxDetails = request.htmx  # type: ignore[attr-defined]  # set by HtmxMiddleware
    return htmx


def render_list(request: HttpRequest, page: str, fragment: str, context: dict[str, Any]) -> HttpResponse:
    """The whole page, or for htmx the fragment alone. One address has both, so caches must tell them apart."""
    htmx = htmx_of(request)
    whole = not htmx or htmx.history_restore_request
    response = render(request, page if whole else fragment, {**context, "fragment": fragment})
    patch_vary_headers(response, ["HX-Request", "HX-History-Restore-Request"])
    return response

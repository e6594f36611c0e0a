"""What every page about people has: somebody who is signed in, and their own clock."""

from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, ParamSpec, cast
from zoneinfo import ZoneInfo

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from sales_app.people.models import User

P = ParamSpec("P")


def people_page(
    view: Callable[Concatenate[HttpRequest, User, P], HttpResponse],
) -> Callable[Concatenate[HttpRequest, P], HttpResponse]:
    """The view gets ``(request, user, ...)`` and runs in the user's time zone."""

    @login_required
    @wraps(view)
    def opened(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        user = cast(User, request.user)
        with timezone.override(ZoneInfo(user.time_zone)):
            return view(request, user, *args, **kwargs)

    return cast(Callable[Concatenate[HttpRequest, P], HttpResponse], opened)

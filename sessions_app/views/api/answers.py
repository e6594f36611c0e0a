"""What every view of the API does: methods, login, CSRF, the size of the body, and errors as JSON."""

import logging
from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar

import msgspec
from django.core.exceptions import RequestDataTooBig
from django.db import DataError
from django.db import Error as DatabaseError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.middleware.csrf import CsrfViewMiddleware
from django.views.decorators.csrf import csrf_exempt

from sessions_app.errors import SessionsError
from sessions_app.live.login import SignedOut
from sessions_app.session.access import actor_of
from sessions_app.views.api import rates

logger = logging.getLogger(__name__)

BODY_MAX = 1024 * 1024

T = TypeVar("T", bound=msgspec.Struct | dict[str, Any])
View = Callable[..., HttpResponse]


class BadRequest(SessionsError):
    """The request cannot be understood."""

    code = "bad_request"


class TooLarge(SessionsError):
    """The body is larger than 1 MiB. Shorten it."""

    code = "too_large"
    status = 413


class MethodNotAllowed(SessionsError):
    """This address does not take that method."""

    code = "method_not_allowed"
    status = 405


class BadCsrf(SessionsError):
    """The page is too old, or not ours: the X-CSRFToken header is missing or wrong. Load the page again."""

    code = "csrf_failed"
    status = 403


class CannotBeKept(SessionsError):
    """A value in it cannot be stored: it is too long, or holds a character like NUL. Take that out."""

    code = "bad_request"


class Unavailable(SessionsError):
    """The server is busy just now. Repeat the request; it will count once."""

    code = "unavailable"
    status = 503
    retry = True


class _Csrf(CsrfViewMiddleware):
    def _reject(self, request: HttpRequest, reason: str) -> HttpResponse:
        return error_answer(BadCsrf())


def _no_answer(request: HttpRequest) -> HttpResponse:
    return HttpResponse()


_csrf = _Csrf(_no_answer)


def error_answer(error: SessionsError) -> JsonResponse:
    answer = JsonResponse(error.as_json(), status=error.status)
    answer["Cache-Control"] = "no-store"
    return answer


def answered(view: View, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
    """The view's answer, or that to its error."""
    try:
        answer = view(request, *args, **kwargs)
    except SessionsError as error:
        return error_answer(error)
    except DataError:
        logger.warning("A request held what the database refuses.", exc_info=True)
        return error_answer(CannotBeKept())
    except DatabaseError:
        logger.exception("A request could not be carried out.")
        return error_answer(Unavailable())
    except Exception:
        logger.exception("A request failed.")
        return error_answer(
            Unavailable("Something went wrong here. It has been noted; repeat it, or go on without.")
        )
    answer.headers.setdefault("Cache-Control", "no-store")
    return answer


def api_view(*methods: str) -> Callable[[View], View]:
    """A synchronous view for signed-in people. Anticipated errors become PROTOCOL.md's answers."""

    def decorate(view: View) -> View:
        def checked(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if request.method not in methods:
                raise MethodNotAllowed(f"Only {' and '.join(methods)}.")
            if not request.user.is_authenticated:
                raise SignedOut()
            rates.take(actor_of(request.user))
            check_size(request)
            # Here rather than in the middleware, so that the refusal is JSON too.
            refused = _csrf.process_view(request, _no_answer, (), {})
            return refused or view(request, *args, **kwargs)

        @csrf_exempt
        @wraps(view)
        def wrapped(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            return answered(checked, request, *args, **kwargs)

        return wrapped

    return decorate


def check_size(request: HttpRequest) -> None:
    """Raises TooLarge, by the declared length if there is one, before anything is read."""
    declared = request.META.get("CONTENT_LENGTH") or "0"
    if declared.isdigit() and int(declared) > BODY_MAX:
        raise TooLarge()
    try:
        if len(request.body) > BODY_MAX:
            raise TooLarge()
    except RequestDataTooBig:
        raise TooLarge() from None


def body_of(request: HttpRequest, kind: type[T]) -> T:
    """The JSON body. Raises BadRequest, which names the field."""
    try:
        body: T = msgspec.json.decode(request.body or b"{}", type=kind)
    except (msgspec.MsgspecError, UnicodeError, RecursionError) as error:
        raise BadRequest(str(error)[:500]) from None
    return body


def offset_in(values: Any, name: str) -> int | None:
    """An offset from the query string. Raises BadRequest."""
    value = values.get(name)
    if value in (None, ""):
        return None
    if not (isinstance(value, str) and value.isascii() and value.isdigit() and len(value) <= 18):
        raise BadRequest(f"`{name}` must be an offset: a whole number, 0 or more.")
    return int(value)

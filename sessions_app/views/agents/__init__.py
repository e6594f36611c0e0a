"""Agents over HTTP: thin views over ``runs.remote``. They carry a bearer token, so they need no CSRF token."""

from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.csrf import csrf_exempt

from sessions_app.runs import remote
from sessions_app.views.api.answers import MethodNotAllowed, View, answered, body_of, check_size


def agent_view(view: View) -> View:
    def checked(request: HttpRequest, **kwargs: Any) -> HttpResponse:
        if request.method != "POST":
            raise MethodNotAllowed("Only POST.")
        check_size(request)
        return view(request, **kwargs)

    @csrf_exempt
    @wraps(view)
    def wrapped(request: HttpRequest, **kwargs: Any) -> HttpResponse:
        return answered(checked, request, **kwargs)

    return wrapped


def _bearer(request: HttpRequest) -> str:
    kind, _, token = request.headers.get("Authorization", "").partition(" ")
    if kind.lower() != "bearer" or not token:
        raise remote.BadKey()
    return token.strip()


def _whole(body: dict[str, Any], field: str) -> int:
    value = body.get(field)
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise remote.BadEvents(f"{field} must be a whole number from 0.")
    return value


@agent_view
def claim(request: HttpRequest) -> HttpResponse:
    key = _bearer(request)
    claimed = remote.claim_next(key, str(body_of(request, dict).get("agent", "")))
    return HttpResponse(status=204) if claimed is None else JsonResponse(claimed)


def _epoch(request: HttpRequest, run_id: str) -> int:
    return remote.check_token(_bearer(request), run_id)


@agent_view
def events(request: HttpRequest, run_id: str) -> HttpResponse:
    epoch = _epoch(request, run_id)
    body = body_of(request, dict)
    batch = body.get("events")
    if not isinstance(batch, list) or len(batch) > remote.EVENTS_MAX:
        raise remote.BadEvents(f"events must be a list of at most {remote.EVENTS_MAX}.")
    return JsonResponse(
        remote.append_events(run_id=run_id, epoch=epoch, seq=_whole(body, "seq"), batch=batch)
    )


@agent_view
def renew(request: HttpRequest, run_id: str) -> HttpResponse:
    return JsonResponse(remote.renew(run_id=run_id, epoch=_epoch(request, run_id)))


@agent_view
def finish(request: HttpRequest, run_id: str) -> HttpResponse:
    epoch = _epoch(request, run_id)
    body = body_of(request, dict)
    error, result = body.get("error"), body.get("result")
    remote.finish(
        run_id=run_id,
        epoch=epoch,
        error=error if isinstance(error, dict) else None,
        result=result if isinstance(result, dict) else None,
    )
    return JsonResponse({"control": "ended"})

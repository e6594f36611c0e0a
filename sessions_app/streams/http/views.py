"""The Durable Streams protocol over one mount: dispatch by method, and every refusal as an answer."""

import logging
from collections.abc import Callable, Coroutine
from typing import Any

from django.db import Error as DatabaseError
from django.http import HttpRequest, HttpResponseBase, HttpResponseNotAllowed
from django.views.decorators.csrf import csrf_exempt

from sessions_app.errors import SessionsError
from sessions_app.streams.errors import Unavailable
from sessions_app.streams.http import reads, responses, writes
from sessions_app.streams.http.mount import Mount
from sessions_app.streams.lookup import check_path

logger = logging.getLogger(__name__)

View = Callable[[HttpRequest, str], Coroutine[Any, Any, HttpResponseBase]]


def endpoint(mount: Mount) -> View:
    """The view for ``<mount prefix><path:path>``."""

    # Exempt: no cookie opens a writable mount, and the others change nothing.
    @csrf_exempt
    async def stream(request: HttpRequest, path: str) -> HttpResponseBase:
        try:
            response = await _answer(request, path, mount)
        except SessionsError as error:
            response = responses.refused(error)
        except DatabaseError:
            logger.exception("The database did not answer for a stream.")
            response = responses.refused(Unavailable())
        return responses.finish(response, mount)

    return stream


async def _answer(request: HttpRequest, path: str, mount: Mount) -> HttpResponseBase:
    if request.method == "OPTIONS":
        return responses.options(mount)
    if request.method not in responses.methods(mount):
        return HttpResponseNotAllowed(responses.methods(mount))
    check_path(path)
    match request.method:
        case "GET":
            return await reads.get(request, path, mount)
        case "HEAD":
            return await reads.head(request, path, mount)
        case "PUT":
            return await writes.put(request, path, mount)
        case "POST":
            return await writes.post(request, path, mount)
        case _:
            return await writes.delete(path)

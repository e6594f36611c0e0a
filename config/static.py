"""Static files in the ASGI layer, on WhiteNoise's index: no thread, session or middleware for a stylesheet.

WhiteNoise's own middleware is synchronous and would move every request of the site to a thread.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from pathlib import Path
from typing import Any
from wsgiref.headers import Headers

from django.conf import settings
from django.contrib.staticfiles import finders
from whitenoise.base import WhiteNoise

Scope = dict[str, Any]
Send = Callable[[dict[str, Any]], Awaitable[None]]
Receive = Callable[[], Awaitable[dict[str, Any]]]
Application = Callable[[Scope, Receive, Send], Awaitable[None]]

CHUNK = 256 * 1024


def _harden(headers: Headers, path: str, url: str) -> None:
    headers["X-Content-Type-Options"] = "nosniff"
    headers["Cross-Origin-Resource-Policy"] = "same-origin"


def _environ(headers: Iterable[tuple[bytes, bytes]]) -> dict[str, str]:
    return {f"HTTP_{k.decode('latin-1').upper().replace('-', '_')}": v.decode("latin-1") for k, v in headers}


def _hashed(path: str, url: str) -> bool:
    """Whether the name carries a content hash (``app.0123456789ab.js``): it may be cached for ever."""
    parts = Path(url).name.split(".")
    return len(parts) > 2 and len(parts[-2]) == 12 and all(c in "0123456789abcdef" for c in parts[-2])


def build_index() -> WhiteNoise:
    """Hashed files from STATIC_ROOT in production; elsewhere the sources, revalidated at each use."""
    index = WhiteNoise(
        None,
        max_age=60 if settings.PRODUCTION else 0,
        allow_all_origins=False,
        add_headers_function=_harden,
        immutable_file_test=_hashed if settings.PRODUCTION else None,
        autorefresh=settings.DEBUG,
    )
    if settings.PRODUCTION:
        index.add_files(str(settings.STATIC_ROOT), settings.STATIC_URL)
        return index
    if settings.DEBUG:
        for finder in finders.get_finders():
            for storage in getattr(finder, "storages", {}).values():
                index.add_files(storage.location, settings.STATIC_URL)
        return index
    seen = set()
    for finder in finders.get_finders():
        for name, storage in finder.list(None):
            url = settings.STATIC_URL + "/".join((getattr(storage, "prefix", None) or "", name)).lstrip("/")
            if url not in seen:  # the first finder wins, as in collectstatic
                seen.add(url)
                index.add_file_to_dictionary(url, storage.path(name))
    return index


class StaticFiles:
    def __init__(self, application: Application) -> None:
        self.application = application
        self.index = build_index()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not scope["path"].startswith(settings.STATIC_URL):
            return await self.application(scope, receive, send)
        find = self.index.find_file if self.index.autorefresh else self.index.files.get
        file = find(scope["path"])
        if file is None:
            return await self.application(scope, receive, send)
        response = file.get_response(scope["method"], _environ(scope["headers"]))
        headers = [(k.lower().encode("latin-1"), v.encode("latin-1")) for k, v in response.headers]
        await send({"type": "http.response.start", "status": int(response.status), "headers": headers})
        if response.file is not None:
            with response.file as source:
                while chunk := await asyncio.to_thread(source.read, CHUNK):
                    await send({"type": "http.response.body", "body": chunk, "more_body": True})
        await send({"type": "http.response.body", "body": b""})

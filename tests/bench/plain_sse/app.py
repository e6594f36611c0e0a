"""The baseline: what a Django view that streams a model usually looks like. Nothing is kept, nothing is shared."""

import asyncio
import os
from collections.abc import AsyncIterator

import django
from django.conf import settings

settings.configure(
    ALLOWED_HOSTS=["*"],
    INSTALLED_APPS=[],
    LOGGING_CONFIG=None,
    MIDDLEWARE=[],
    ROOT_URLCONF=__name__,
    SECRET_KEY="x",
)
django.setup()

from django.core.asgi import get_asgi_application  # noqa: E402
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse  # noqa: E402
from django.urls import path  # noqa: E402

PORT = int(os.environ["CLEWLINE_BENCH_AGENT_PORT"])


async def tokens_of(script: str) -> AsyncIterator[str]:
    tokens, asked = await asyncio.open_connection("127.0.0.1", PORT)
    try:
        asked.write(f"GET /llm/{script} HTTP/1.0\r\nHost: model\r\n\r\n".encode())
        await tokens.readuntil(b"\r\n\r\n")
        while line := await tokens.readline():
            yield line[:-1].decode()
    finally:
        asked.close()


async def chat(request: HttpRequest, script: str) -> StreamingHttpResponse:
    async def answer() -> AsyncIterator[str]:
        async for token in tokens_of(script):
            yield f'data: {{"delta":"{token}"}}\n\n'
        yield "data: [DONE]\n\n"

    return StreamingHttpResponse(answer(), content_type="text/event-stream")


async def up(request: HttpRequest) -> HttpResponse:
    return HttpResponse("ok")


urlpatterns = [path("", up), path("chat/<str:script>", chat)]
application = get_asgi_application()

"""The WebSocket routes."""

from typing import Any

from django.urls import URLPattern, URLResolver, path, re_path

from sessions_app.consumers.socket import SessionSocket


async def no_such_socket(scope: Any, receive: Any, send: Any) -> None:
    """Refused in the handshake, without a traceback in the log."""
    await receive()
    await send({"type": "websocket.close"})


session_socket: Any = SessionSocket.as_asgi()

websocket_urlpatterns: list[URLPattern | URLResolver] = [
    path("ws/", session_socket),
    re_path(r"", no_such_socket),
]

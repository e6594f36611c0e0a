"""The WebSocket routes."""

from typing import Any

from django.urls import URLPattern, URLResolver, path, re_path

from sessions_app.consumers.socket import SessionSocket


async def no_such_socket(scope: Any, receive: Any, send: Any) -> None:
    """Refused in the handshake, without a traceback in the log."""
    await receive()
    await send({"type": "websocket.close"})


# The stubs of Django and of channels disagree on what a route may lead to.
session_socket: Any = SessionSocket.as_asgi()
nowhere: Any = no_such_socket

websocket_urlpatterns: list[URLPattern | URLResolver] = [
    path("ws/", session_socket),
    re_path(r"", nowhere),
]

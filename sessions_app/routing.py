"""The WebSocket routes."""

from typing import Any

from django.urls import URLPattern, URLResolver, path

from sessions_app.consumers.socket import SessionSocket

session_socket: Any = SessionSocket.as_asgi()

websocket_urlpatterns: list[URLPattern | URLResolver] = [path("ws/", session_socket)]

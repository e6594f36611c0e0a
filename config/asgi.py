"""The ASGI application: static files, HTTP to Django, WebSockets to the session socket."""

import os
from typing import Any

from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

django_application = get_asgi_application()

# These import models and therefore wait for the line above.
from channels.routing import ProtocolTypeRouter, URLRouter  # noqa: E402
from django.conf import settings  # noqa: E402

from config.limits import BodyLimit  # noqa: E402
from config.static import StaticFiles  # noqa: E402
from sessions_app.routing import websocket_urlpatterns  # noqa: E402

# The stubs of Django and of channels disagree on what an ASGI application and a URL pattern are.
http: Any = django_application
websocket: Any = websocket_urlpatterns

application = ProtocolTypeRouter(
    {
        "http": StaticFiles(BodyLimit(http, limit=settings.CLEWLINE_BODY_LIMIT)),
        "websocket": URLRouter(
            websocket
        ),  # the socket checks login and origin itself, and again while it lives
    }
)

"""The server under test: HTTP as in ``config.asgi``, with the settings of this directory."""

import os
from typing import Any

from django.core.asgi import get_asgi_application

os.environ["DJANGO_SETTINGS_MODULE"] = "tests.conformance.settings"

django_application: Any = get_asgi_application()

from django.conf import settings  # noqa: E402

from config.limits import BodyLimit  # noqa: E402

application = BodyLimit(django_application, limit=settings.CLEWLINE_BODY_LIMIT)

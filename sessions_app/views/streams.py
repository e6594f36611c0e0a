"""Sessions as Durable Streams: who may read ``/streams/sessions/<session id>``."""

from django.conf import settings
from django.http import HttpRequest

from sessions_app.errors import SessionsError
from sessions_app.live.login import open_login
from sessions_app.session.access import get_session_for
from sessions_app.session.reading import in_reader

PREFIX = "sessions/"


async def may_read_session(request: HttpRequest, path: str) -> bool:
    """Whether the person signed in takes part in the session now. Asked anew at each push, so nothing is remembered."""
    key = request.COOKIES.get(settings.SESSION_COOKIE_NAME)
    return await in_reader(_takes_part, key, path.removeprefix(PREFIX))


def _takes_part(key: str | None, session_id: str) -> bool:
    try:
        get_session_for(open_login(key).actor, session_id)
    except SessionsError:
        return False
    return True

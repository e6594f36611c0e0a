"""Who may read a session."""

from sessions_app.errors import SessionsError


class UnknownSession(SessionsError):
    """There is no such session, or it is not yours. Check the link."""

    code = "unknown_session"
    status = 404

"""For whoever signs people out, deactivates them or changes their password."""

from sessions_app.live.doorbell import kick


def kick_user(user_pk: object) -> None:
    """Close, at once, those of the user's open connections whose login no longer holds. Call it after the commit."""
    kick(f"user:{user_pk}")

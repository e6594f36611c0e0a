"""Telling people's lists of sessions, after the commit, that an entry changed."""

from django.db import transaction

from sessions_app.live.doorbell import notify_actors
from sessions_app.session.participants import list_entries


def entry_changed(session_id: object) -> None:
    transaction.on_commit(lambda: push_entry(str(session_id)), robust=True)


def push_entry(session_id: str) -> None:
    for actor, entry in list_entries(session_id):
        notify_actors([actor], entry)

"""A chat of somebody's."""

from sales_app.people.models import User
from sessions_app.session.access import actor_of
from sessions_app.session.models import Session
from sessions_app.session.sessions import create_session


def new_session(owner: User) -> Session:
    return create_session(actor=actor_of(owner), name=str(owner), agent="nobody", title="Talk")

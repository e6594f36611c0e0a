"""Colleagues who can be let into a session: everybody who is active, but oneself."""

from collections.abc import Sequence

from django.db.models import BooleanField, Case, Q, QuerySet, Value, When

from sales_app.people.access import display_name
from sales_app.people.models import User
from sessions_app.session.access import actor_of
from sessions_app.session.directory import Person

MOST = 20
WORDS_MOST = 5


def search(text: str, user: User) -> Sequence[Person]:
    """At most ``MOST`` colleagues whose name or e-mail address has each word of ``text``, those of one's team first."""
    found = _colleagues(user)
    for word in text.replace("\0", "").split()[:WORDS_MOST]:
        found = found.filter(_has(word))
    team = Case(When(_team(user), then=Value(True)), default=Value(False), output_field=BooleanField())
    return [_person(each) for each in found.order_by(team.desc(), *(User._meta.ordering or ()))[:MOST]]


def find(actor: str, user: User) -> Person | None:
    kind, _, key = actor.partition(":")
    if kind != "user" or not (key.isascii() and key.isdigit() and len(key) <= 18):
        return None
    found = _colleagues(user).filter(pk=int(key)).first()
    # An actor has one spelling: "user:07" would become a second person beside "user:7".
    return _person(found) if found is not None and actor_of(found) == actor else None


def _colleagues(user: User) -> QuerySet[User]:
    return User.objects.filter(is_active=True).exclude(pk=user.pk)


def _has(word: str) -> Q:
    matches = Q()
    # SQLite folds the case of ASCII only.
    for spelling in {word, word.lower(), word.capitalize()}:
        for field in ("first_name", "last_name", "email"):
            matches |= Q(**{f"{field}__icontains": spelling})
    return matches


def _team(user: User) -> Q:
    """One's manager, one's reports, and who has the same manager."""
    team = Q(manager_id=user.pk)
    if user.manager_id is not None:
        team |= Q(pk=user.manager_id) | Q(manager_id=user.manager_id)
    return team


def _person(user: User) -> Person:
    return Person(actor=actor_of(user), name=display_name(user), detail=user.email)

"""Whose artifacts a person may see: their own, those of chats in which they take part, managers also those of their reports."""

from django.db.models import Q, QuerySet

from sales_app.artifacts.models import Artifact
from sales_app.people.access import book_owner_ids, can
from sales_app.people.models import User
from sessions_app.session.access import actor_of
from sessions_app.session.models import Participant


def artifacts_for(user: User) -> QuerySet[Artifact]:
    owners = book_owner_ids(user)
    if owners is None:
        return Artifact.objects.all()
    chats = Participant.objects.filter(actor=actor_of(user), left_at=None).values("session")
    return Artifact.objects.filter(Q(owner__in=owners) | Q(session__in=chats))


def may_share(user: User, artifact: Artifact) -> bool:
    """Whoever sees it and may write; who only reads in its chat, or everywhere, does not let others in."""
    if not can(user, "crm.write"):
        return False
    owners = book_owner_ids(user)
    if owners is None or artifact.owner_id in owners:
        return True
    here = Participant.objects.filter(session=artifact.session_id, actor=actor_of(user), left_at=None)
    return here.exclude(role=Participant.Role.OBSERVER).exists()

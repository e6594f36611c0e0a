"""What the actors of a session are called, for pages that show its records."""

from collections.abc import Iterable, Mapping
from uuid import UUID

from django.contrib.auth import get_user_model

from sessions_app.session.access import actor_of, name_of, user_id_of
from sessions_app.session.events import SYSTEM
from sessions_app.session.models import Participant


def names_of(actors: Iterable[str], *, session_id: UUID | str | None = None) -> dict[str, str]:
    """Names by actor: as in the session for those who take or took part in it, else as in the table of users.

    Who is in neither is missing.
    """
    wanted = set(actors)
    found = {SYSTEM: "Clewline"} if SYSTEM in wanted else {}
    if session_id is not None:
        rows = Participant.objects.filter(session_id=session_id, actor__in=wanted)
        found |= dict(rows.values_list("actor", "name"))
    ids = [pk for actor in wanted - set(found) if (pk := user_id_of(actor)) is not None]
    users = get_user_model().objects.in_bulk(ids)
    return found | {actor_of(user): name_of(user) for user in users.values()}


def called(actor: str, names: Mapping[str, str]) -> str:
    return names.get(actor) or actor

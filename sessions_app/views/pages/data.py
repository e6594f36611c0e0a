"""What the chat pages have in common: the list at the side, and what the browser's modules start from."""

from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest
from django.urls import reverse

from sessions_app.runs.agents import agents, all_agents
from sessions_app.session.access import UnknownSession, actor_of, get_session_for, name_of
from sessions_app.session.models import Participant, Session
from sessions_app.session.participants import asked_in, entry
from sessions_app.session.search import sessions_of

Json = dict[str, Any]

LISTED = 100
SOCKET = "/ws/"


def session_for(request: HttpRequest, session_id: UUID) -> Session:
    """The session, if the reader takes part in it. One that is not theirs looks like one that does not exist."""
    try:
        return get_session_for(actor_of(request.user), str(session_id))
    except UnknownSession as error:
        raise Http404(error.code) from None


def listed(request: HttpRequest, *, query: str = "", archived: bool = False) -> list[Json]:
    """The reader's sessions, newest first: list entries plus ``unread``, ``last_at`` and ``last_ts``."""
    actor = actor_of(request.user)
    found = list(sessions_of(actor, query=query, archived=archived)[:LISTED])
    people = {
        person.session_id: person
        for person in Participant.objects.filter(session__in=found, actor=actor, left_at=None)
    }
    asked = asked_in(people)
    entries = []
    for session in found:
        if session.pk in people:
            made = entry(session, people[session.pk], asked[session.pk])
            unread = made["lastOffset"] > made["readOffset"]
            entries.append({**made, "unread": unread, "last_at": session.last_ts, "last_ts": made["lastTs"]})
    return entries


def side(request: HttpRequest, *, current: str | None = None) -> Json:
    """The context of ``chat/_sidebar.html``."""
    query = request.GET.get("q", "").strip()[:200]
    archived = request.GET.get("archived") == "1"
    entries = listed(request, query=query, archived=archived)
    for each in entries:
        each["unread"] = each["unread"] and each["id"] != current
    return {
        "entries": entries,
        "more": len(entries) == LISTED,
        "query": query,
        "archived": archived,
        "current": current,
    }


def page_data(
    request: HttpRequest,
    entries: list[Json],
    *,
    session: Session | None = None,
    view: Json | None = None,
    at: int | None = None,
) -> Json:
    """The JSON of ``#chat-data``, from which ``static/js/chat/main.js`` starts."""
    kept = ("id", "title", "live", "waits", "lastOffset", "readOffset", "lastTs", "archived")
    return {
        "actor": actor_of(request.user),
        "name": name_of(request.user),
        "socket": SOCKET,
        "signIn": reverse("account_login"),
        "agents": {agent.name: agent.title for agent in all_agents()},
        "session": str(session.pk) if session else None,
        "view": view,
        "at": at,
        "sessions": [{key: each[key] for key in kept} for each in entries],
    }


def examples(agent_name: str, subject: object | None, user: object = None) -> list[str]:
    """Questions to begin with. An agent that has ``examples(subject)`` says which; the others get general ones.

    ``examples_of(user)`` are more of them, with names that the user knows.
    """
    for agent in agents():
        if agent.name == agent_name and (offered := getattr(agent, "examples", None)):
            more = getattr(agent, "examples_of", None) if subject is None else None
            return [*offered(subject), *(more(user) if more else [])]
    return ["What can you help me with?", "Which data can you read?"]

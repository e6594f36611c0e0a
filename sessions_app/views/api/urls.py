"""The JSON API of PROTOCOL.md. Ids are strings here: a malformed one answers like an unknown one."""

from django.urls import path

from sessions_app.views.api import events, people, sessions

urlpatterns = [
    path("api/people/", people.people, name="api-people"),
    path("api/sessions/", sessions.sessions, name="api-sessions"),
    path("api/sessions/<str:session_id>/commands", sessions.commands, name="api-commands"),
    path("api/sessions/<str:session_id>/inputs", sessions.inputs, name="api-inputs"),
    path("api/sessions/<str:session_id>/events", events.events, name="api-events"),
    path("api/sessions/<str:session_id>/view", sessions.view, name="api-view"),
    path("api/sessions/<str:session_id>/read", sessions.read, name="api-read"),
    path("api/sessions/<str:session_id>/rename", sessions.rename_session, name="api-rename"),
    path("api/sessions/<str:session_id>/archive", sessions.archive_session, name="api-archive"),
]

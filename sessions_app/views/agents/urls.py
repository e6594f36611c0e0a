from django.urls import path

from sessions_app.views import agents

urlpatterns = [
    path("agents/claim", agents.claim, name="agent_claim"),
    path("agents/runs/<str:run_id>/events", agents.events, name="agent_events"),
    path("agents/runs/<str:run_id>/renew", agents.renew, name="agent_renew"),
    path("agents/runs/<str:run_id>/finish", agents.finish, name="agent_finish"),
]

from django.urls import path

from sales_app.people.views import own, team

urlpatterns = [
    path("team/", team.team, name="people-team"),
    path("team/invite/", team.invitation, name="people-invite"),
    path("team/invitations/<int:invitation_id>/withdraw/", team.withdrawal, name="people-withdraw"),
    path("team/<int:user_id>/", team.person, name="people-person"),
    path("team/<int:user_id>/access/", team.access, name="people-access"),
    path("me/", own.profile, name="people-profile"),
    path("invitation/<str:token>/", own.accept_invitation, name="people-accept"),
]

from django.urls import path

from sales_app.people import views

urlpatterns = [
    path("team/", views.team, name="people-team"),
    path("team/<int:user_id>/active/", views.set_active, name="people-active"),
    path("me/", views.profile, name="people-profile"),
    path("invitation/<str:token>/", views.accept_invitation, name="people-accept"),
]

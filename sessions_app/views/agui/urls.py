from django.urls import path

from sessions_app.views.agui import views

urlpatterns = [path("agui/<str:agent>", views.run, name="agui")]

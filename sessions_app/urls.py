from django.urls import URLPattern, URLResolver, include, path

urlpatterns: list[URLPattern | URLResolver] = [
    path("", include("sessions_app.streams.http.urls")),
    path("", include("sessions_app.views.agents.urls")),
    path("", include("sessions_app.views.agui.urls")),
    path("", include("sessions_app.views.api.urls")),
    path("", include("sessions_app.views.pages.urls")),
]

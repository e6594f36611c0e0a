from django.urls import URLPattern, URLResolver, include, path
from django.views.generic import RedirectView

urlpatterns: list[URLPattern | URLResolver] = [
    path("", RedirectView.as_view(url="/chat/"), name="home"),
    path("", include("sales_app.people.urls")),
    path("", include("sales_app.crm.urls")),
    path("", include("sales_app.mail.urls")),
    path("", include("sales_app.inbox.urls")),
    path("", include("sales_app.connectors.urls")),
    path("", include("sales_app.artifacts.urls")),
    path("", include("sales_app.pricing.urls")),
    path("", include("sales_app.encoding.urls")),
    path("", include("sales_app.agent.skilled.urls")),
]

from django.urls import path

from sales_app.connectors import pages

urlpatterns = [path("sources/<slug:category>/<str:id>/", pages.source, name="source")]

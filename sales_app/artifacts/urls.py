from django.urls import path

from sales_app.artifacts.views import files, pages, sharing

# What frames show is answered earlier: artifacts/content.py.
urlpatterns = [
    path("artifacts/", pages.artifact_list, name="artifacts"),
    path("artifacts/<uuid:pk>/", pages.artifact, name="artifact"),
    path("artifacts/<uuid:pk>/panel", pages.panel, name="artifact-panel"),
    path("artifacts/<uuid:pk>/compare/", pages.comparison, name="artifact-comparison"),
    path("artifacts/<uuid:pk>/<int:number>/page.html", files.download, name="artifact-download"),
    path("artifacts/<uuid:pk>/<int:number>/page.pdf", files.pdf, name="artifact-pdf"),
    path("artifacts/<uuid:pk>/<int:number>/share", sharing.make, name="artifact-share"),
    path("artifacts/links/<int:link_id>/end", sharing.end, name="artifact-link-end"),
    path("s/<str:secret>/", sharing.shared, name="shared"),
]

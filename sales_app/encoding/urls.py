from django.urls import path

from sales_app.encoding import views

urlpatterns = [
    path("interviews/", views.interviews, name="interviews"),
    path("interviews/<int:pk>/", views.interview, name="interview"),
    path("interviews/<int:pk>/decide/", views.decide, name="interview-decide"),
    path("interviews/<int:pk>/hand-in/", views.give, name="interview-hand-in"),
]

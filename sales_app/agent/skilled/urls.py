from django.urls import path

from sales_app.agent.skilled import views

urlpatterns = [
    path("skills/", views.skill_list, name="skills"),
    path("skills/<slug:name>/names/", views.skill_names, name="skill-names"),
]

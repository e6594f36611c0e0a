from django.urls import path

from sales_app.inbox import views

urlpatterns = [
    path("inbox/", views.inbox, name="inbox"),
    path("inbox/unread/", views.unread, name="inbox-unread"),
]

from django.urls import path

from sales_app.inbox import preferences, views

urlpatterns = [
    path("inbox/", views.inbox, name="inbox"),
    path("inbox/unread/", views.unread, name="inbox-unread"),
    path("me/notices/", preferences.notices, name="people-profile-notices"),
    path("me/devices/", preferences.subscribe, name="device-subscribe"),
    path("me/devices/<int:device_id>/forget/", preferences.forget, name="device-forget"),
    path("service-worker.js", preferences.worker, name="service-worker"),
]

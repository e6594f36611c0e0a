"""Streams for those who may read them: ``/streams/sessions/<session id>`` and whatever else is registered."""

from django.urls import path

from sessions_app.streams.http.mount import Mount
from sessions_app.streams.http.views import endpoint

urlpatterns = [path("streams/<path:path>", endpoint(Mount(prefix="/streams/")), name="stream")]

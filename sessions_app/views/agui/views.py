"""The endpoint. Like the JSON API it wants the login cookie and X-CSRFToken; closing the connection stops nothing."""

from typing import cast

from django.conf import settings
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse

from sessions_app.live.login import open_login
from sessions_app.views.agui.attach import attach
from sessions_app.views.agui.run_input import RunAgentInput
from sessions_app.views.agui.stream import follow
from sessions_app.views.api.answers import BadRequest, api_view, body_of, offset_in


@api_view("POST")
def run(request: HttpRequest, agent: str) -> HttpResponse:
    """A RunAgentInput is answered by the run's events; ``Last-Event-ID`` leaves out what the client has."""
    wanted = body_of(request, RunAgentInput)
    after = offset_in({"Last-Event-ID": request.headers.get("Last-Event-ID", "").strip()}, "Last-Event-ID")
    login = open_login(request.COOKIES.get(settings.SESSION_COOKIE_NAME))
    attached = attach(request.user, agent, wanted)
    if (after or 0) > attached.head:
        raise BadRequest("`Last-Event-ID` is beyond the end of this session.")
    response = StreamingHttpResponse(follow(login, attached, after or 0), content_type="text/event-stream")
    response["X-Accel-Buffering"] = "no"
    return cast(HttpResponse, response)

from django.apps import AppConfig


class SessionsConfig(AppConfig):
    name = "sessions_app"
    verbose_name = "Durable sessions"

    def ready(self) -> None:
        # Lower layers call upwards only through what is registered here.
        from sessions_app.control import handover
        from sessions_app.live import doorbell
        from sessions_app.runs import tasks  # registers the wake-up and the worker's signals
        from sessions_app.session import log
        from sessions_app.streams.http.access import register_reader
        from sessions_app.views import streams

        tasks.also_due(handover.release_silent)
        log.on_commit(doorbell.announce)
        register_reader(streams.PREFIX, streams.may_read_session)

import os
import signal
from pathlib import Path

from django.apps import AppConfig

CRASH = "crash-before-dispatch"


class FaultsConfig(AppConfig):
    """Agents that tell a known story and act when they may, and a process that dies between commit and dispatch when asked to."""

    name = "tests.faults"
    label = "tests_faults"

    def ready(self) -> None:
        from django.conf import settings

        from sessions_app.runs import dispatch, tasks
        from sessions_app.runs.agents import register_agent
        from tests.faults.acting import Actor
        from tests.faults.story import Storyteller

        register_agent(Storyteller())
        register_agent(Actor())
        order = Path(settings.DATA_DIR, CRASH)

        def wake(run_id: str, queue: str) -> None:
            if order.exists():
                order.unlink()
                os.kill(os.getpid(), signal.SIGKILL)
            tasks.wake_by_celery(run_id, queue)

        dispatch.on_wake(wake)

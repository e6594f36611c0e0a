from typing import Any

from django.apps import AppConfig

CHILDREN = 3


def tasks_of(text: str) -> list[str]:
    return [f"{text}/{number}" for number in range(CHILDREN)]


class Conductor:
    """Lets storytellers tell their stories, whose words are known beforehand, and repeats what it heard."""

    name = title = "conductor"

    async def run(self, ctx: Any) -> Any:
        from sessions_app.runs.agents import Delegated

        text = (await ctx.transcript())[-1].text
        found = await ctx.delegate(
            [Delegated(agent="storyteller", title=task, task=task) for task in tasks_of(text)]
        )
        return {"heard": [each.text for each in found]}


class TeamConfig(AppConfig):
    """Agents for real processes: a conductor and its storytellers."""

    name = "tests.agui"
    label = "tests_agui"

    def ready(self) -> None:
        from sessions_app.runs.agents import register_agent
        from tests.faults.story import Storyteller

        register_agent(Conductor())
        register_agent(Storyteller())

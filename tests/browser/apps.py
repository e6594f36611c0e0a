from django.apps import AppConfig


class BrowserConfig(AppConfig):
    """An agent for the browser tests that asks, changes, listens and delegates as its input says."""

    name = "tests.browser"
    label = "tests_browser"

    def ready(self) -> None:
        from sessions_app.runs.agents import register_agent
        from sessions_app.runs.effects import register_undo
        from tests.browser.agent import Assistant, rename_back

        register_agent(Assistant())
        register_undo("rename_me", rename_back)

import os

from django.apps import AppConfig


class BenchConfig(AppConfig):
    name = "tests.bench"
    label = "tests_bench"

    def ready(self) -> None:
        from sessions_app.runs.agents import register_agent
        from tests.bench.agent import BenchAgent

        if port := os.environ.get("CLEWLINE_BENCH_AGENT_PORT"):
            register_agent(BenchAgent(int(port)))

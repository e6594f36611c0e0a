"""200 stops at seeded random moments, while a real host streams, calls tools and changes things (I5)."""

import asyncio
import random
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection

from sessions_app.control.stop import stop
from sessions_app.runs.agents import Changed, RunContext, StepResult, StepWriter
from sessions_app.runs.host import RunHost
from sessions_app.runs.models import Effect, Run
from sessions_app.session.models import Session
from sessions_app.streams.models import Stream
from tests.control.agents import scripted
from tests.control.world import ANN, BEN, check_stopped, log_of, new_session, say, view_of, wait_for

pytestmark = pytest.mark.django_db(transaction=True)

SESSIONS, STOPS = 8, 25
MOST_RECORDS = 60


async def endless(ctx: RunContext) -> None:
    """Speaks, looks and changes something, again and again, until it is stopped."""
    for number in range(10_000):

        async def talk(step: StepWriter) -> StepResult:
            message = step.message()
            for word in range(6):
                message.delta(f"{word} ")
                await step.ready()
                await asyncio.sleep(0)
            return StepResult(output={})

        async def look(step: StepWriter, number: int = number) -> StepResult:
            step.tool_call(f"{ctx.run.id}.look.{number}", "look", {"number": number})
            await step.flush()
            step.tool_result(f"{ctx.run.id}.look.{number}", "seen")
            return StepResult(output={})

        await ctx.step("model", "talk", talk)
        await ctx.step("tool", "look", look)
        await ctx.change(
            f"{ctx.run.id}.change.{number}", "change", {}, lambda: Changed(content="Done.", output={})
        )


def stops(session: Session, seed: int) -> None:
    """Start a run and stop it when it has written so many records; sometimes before it began."""
    rng, pause = random.Random(seed), threading.Event()
    try:
        for number in range(STOPS):
            accepted = say(session, f"{number}")
            goal = accepted.offset + rng.randint(0, MOST_RECORDS)
            while Stream.objects.values_list("head", flat=True).get(pk=session.stream_id) < goal:
                pause.wait(0.001)
            stopped = stop(session_id=str(session.pk), actor=rng.choice([ANN, BEN]))
            assert stopped.run_ids == (accepted.run_id,)
    finally:
        connection.close()


@pytest.mark.timeout(120)
def test_nothing_of_a_run_follows_its_stop(host: RunHost) -> None:
    scripted(endless)
    sessions = [new_session("scripted") for _ in range(SESSIONS)]
    with ThreadPoolExecutor(SESSIONS) as pool:
        for made in [pool.submit(stops, session, seed) for seed, session in enumerate(sessions)]:
            made.result(100)
    wait_for(lambda: host.active == 0)
    wrote = 0
    for session in sessions:
        log = log_of(session)
        assert len(check_stopped(log)) == STOPS
        over: set[str] = set()
        for record in log:
            run = record.get("run")
            if record["event"].get("name") == "run.stopped":
                over.add(run)
            elif run in over:
                assert record["event"]["type"] == "RUN_FINISHED", record
            elif record["event"]["type"] == "TEXT_MESSAGE_CONTENT" and run:
                wrote += 1
        changed = [
            i["id"] for i in view_of(session)["items"] if i["kind"] == "tool" and i["effect"] == "done"
        ]
        assert sorted(changed) == sorted(
            Effect.objects.filter(session=session).values_list("call_id", flat=True)
        )
    assert wrote > 200, "hardly anything was stopped in the middle"
    assert set(Run.objects.values_list("status", flat=True)) == {"cancelled"}

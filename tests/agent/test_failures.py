"""Every way in which a call of the model fails, through the real SDK: what is retried, what people read."""

import asyncio
import json
import re
from collections.abc import Callable
from typing import Any

import pytest

from sales_app.agent import failures
from sales_app.agent.client import close_client
from sales_app.agent.copilot import Copilot
from sales_app.agent.failures import TRIES_MAX
from sales_app.agent.limiter import Limiter
from sales_app.standin.control import directive
from sales_app.standin.server import StandIn
from sessions_app.runs.agents import AgentError
from tests.agent.conftest import Book
from tests.agent.memory import Chat, Clock, MemoryContext, MemoryStep

Begin = Callable[..., Chat]

LONG = "one two three four five six seven eight nine ten eleven twelve"


def tell(standin: StandIn, **values: Any) -> None:
    standin.control.queue.append(directive(values))


async def failed(talk: Chat, text: str = "Hello") -> tuple[AgentError, MemoryContext]:
    ctx = talk.context(text)
    with pytest.raises(AgentError) as caught:
        await talk.agent.run(ctx)
    return caught.value, ctx


@pytest.mark.parametrize(
    ("told", "reason"),
    [
        ({"text": LONG, "after": 3, "reset": True}, "stream_broken"),
        ({"text": LONG, "after": 3, "close": True}, "stream_broken"),
        ({"text": LONG, "after": 3, "error": "overloaded_error"}, "model_busy"),
        ({"text": LONG, "after": 3, "error": "api_error"}, "model_busy"),
        ({"text": LONG, "after": 3, "error": "rate_limit_error"}, "rate_limited"),
    ],
)
async def test_a_stream_that_breaks_is_begun_again(
    chat: Begin, standin: StandIn, told: dict[str, Any], reason: str
) -> None:
    tell(standin, **told)
    tell(standin, text="whole")
    ctx = await chat().ask("Hello")
    assert ctx.answer == "whole"
    assert LONG.startswith(ctx.stale) and ctx.stale
    assert ctx.waits[0][0] == reason
    # What broke off is paid for, and counted.
    assert ctx.results[0].usage is not None
    assert ctx.results[0].usage.input_tokens + ctx.results[0].usage.cache_write_tokens > 2000


@pytest.mark.parametrize(
    ("status", "reason"),
    [
        (429, "rate_limited"),
        (500, "model_busy"),
        (503, "model_busy"),
        (529, "model_busy"),
        (408, "model_busy"),
    ],
)
async def test_a_busy_service_is_waited_for(chat: Begin, standin: StandIn, status: int, reason: str) -> None:
    tell(standin, status=status)
    ctx = await chat().ask("Hello")
    assert "stand-in" in ctx.answer and ctx.stale == ""
    assert [wait[0] for wait in ctx.waits] == [reason]


async def test_retry_after_is_kept_and_told(chat: Begin, standin: StandIn, clock: Clock) -> None:
    tell(standin, status=429, retry_after=7)
    before = clock.now
    ctx = await chat().ask("Hello")
    assert ctx.waits == [("rate_limited", failures.LIMITED, 7.0)]
    assert clock.now - before == pytest.approx(7.0)


async def test_others_are_held_back_too_and_told_how_long(
    chat: Begin, standin: StandIn, book: Book, clock: Clock
) -> None:
    tell(standin, status=429, retry_after=30, match="first")
    held = chat().context("first")
    task = asyncio.create_task(Copilot().run(held))
    while not held.waits:
        await asyncio.sleep(0)
    # The clock stood still at the limit for whoever comes now.
    clock.now -= 30
    other = await chat(book.ben).ask("Hello")
    await task
    assert other.waits[0][0] == "rate_limited"
    assert other.waits[0][2] == pytest.approx(30.0, abs=1)


@pytest.mark.parametrize("told", [{"reset": True, "after": 0}, {"close": True, "after": 0}, {"status": 529}])
async def test_it_is_not_tried_for_ever(chat: Begin, standin: StandIn, told: dict[str, Any]) -> None:
    tell(standin, **told, times=100)
    problem, ctx = await failed(chat())
    assert problem.code == "model_unavailable"
    assert standin.control.requests == TRIES_MAX
    assert ctx.answer == ""


@pytest.mark.parametrize(
    ("status", "code"),
    [
        (401, "model_key_refused"),
        (403, "model_key_refused"),
        (402, "model_unpaid"),
        (404, "model_unknown"),
        (400, "model_refused_request"),
    ],
)
async def test_what_waiting_does_not_help_ends_the_run(
    chat: Begin, standin: StandIn, status: int, code: str
) -> None:
    tell(standin, status=status)
    problem, ctx = await failed(chat())
    assert problem.code == code
    assert str(problem).endswith((".", "chat."))
    assert standin.control.requests == 1 and ctx.waits == []


async def test_nobody_listens(chat: Begin, standin: StandIn, clock: Clock) -> None:
    await standin.close()
    problem, ctx = await failed(chat())
    assert problem.code == "model_unavailable"
    assert {wait[0] for wait in ctx.waits} == {"model_unreachable"}


async def test_thinking_that_the_service_refuses_is_left_out(chat: Begin, standin: StandIn) -> None:
    talk = chat()
    await talk.ask("Pipeline by stage")
    tell(standin, status=400, message="messages.1.content.0: Invalid `signature` in `thinking` block.")
    ctx = await talk.ask("my open tasks")
    assert ctx.answer
    assert ctx.steps[0]["output"]["bare"] is True
    # And from then on: what was before is not tried again.
    ctx = await talk.ask("Pipeline by owner")
    assert ctx.answer and ctx.waits == []


async def test_a_stopped_run_lets_go(chat: Begin, standin: StandIn) -> None:
    """Cancelled between two pieces: the error is passed on, the connection closed."""
    tell(standin, filler=100_000)
    standin.control.speed = 1000
    ctx = chat().context("Hello")
    task = asyncio.create_task(Copilot().run(ctx))
    while not ctx.items:
        await asyncio.sleep(0.001)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await close_client()


async def test_a_run_taken_over_sends_what_it_would_have_sent(chat: Begin, standin: StandIn) -> None:
    talk = chat()
    await talk.ask("Hello")
    ctx = talk.context("Who should I call?")
    await talk.agent.run(ctx)
    last = standin.control.last_request
    for kept in range(len(ctx.steps)):
        again = talk.again(done=ctx.steps[:kept])
        await talk.agent.run(again)
        assert again.answer == ctx.answer
        assert _renumbered(standin.control.last_request) == _renumbered(last)


async def test_the_limiter_tells_once_and_lets_go_one_by_one() -> None:
    clock = Clock()
    limiter = Limiter(clock=clock, sleep=clock.sleep)
    limiter.hold(10, "rate_limited", "Waiting.")
    limiter.hold(3, "model_busy", "Shorter.")
    context: Any = type("Context", (), {"waits": []})()
    await asyncio.gather(*(limiter.turn(MemoryStep(context)) for _ in range(3)))  # type: ignore[arg-type]
    assert [wait[0] for wait in context.waits] == ["rate_limited"] * len(context.waits)
    assert context.waits[0] == ("rate_limited", "Waiting.", 10.0)
    assert limiter.left() == 0


def _renumbered(request: object) -> object:
    """A call that has to be made again gets an id of its own: what counts is which call a result belongs to."""
    text = json.dumps(request)
    for number, call_id in enumerate(dict.fromkeys(re.findall(r"toolu_[0-9a-z]+", text))):
        text = text.replace(call_id, f"call-{number}")
    return json.loads(text)

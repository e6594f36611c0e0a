"""Every way in which an answer of the model ends, through the real SDK."""

from collections.abc import Callable
from typing import Any

import pytest

from sales_app.agent import model_call
from sales_app.agent.models import AgentSettings
from sales_app.agent.stop_reasons import PARTS_MAX, decide
from sales_app.agent.stream import Turn
from sales_app.standin.control import directive
from sales_app.standin.server import StandIn
from sessions_app.runs.agents import AgentError
from tests.agent.memory import Chat

Begin = Callable[..., Chat]

LONG = "one two three four five six seven eight nine ten eleven twelve"


def tell(standin: StandIn, **values: Any) -> None:
    standin.control.queue.append(directive(values))


async def test_end_turn(chat: Begin, standin: StandIn) -> None:
    tell(standin, text=LONG)
    ctx = await chat().ask("Hello")
    assert ctx.answer == LONG
    assert ctx.steps[-1]["output"]["stop"] == "end_turn"
    assert all(item.ended for item in ctx.items)


async def test_tool_use_goes_on_until_it_is_answered(chat: Begin, standin: StandIn) -> None:
    tell(standin, tools=[{"name": "find_deals", "input": {"limit": 1}}, {"name": "open_tasks", "input": {}}])
    tell(standin, tools=[{"name": "get_account", "input": {"ref": "Acme Freight"}}])
    tell(standin, text="Done.")
    ctx = await chat().ask("Hello")
    assert [item.name for item in ctx.tools] == ["find_deals", "open_tasks", "get_account"]
    assert [step["kind"] for step in ctx.steps] == ["model", "tool", "tool", "model", "tool", "model"]
    assert ctx.answer == "Done."


async def test_max_tokens_goes_on_in_the_same_message(chat: Begin, standin: StandIn) -> None:
    tell(standin, text=LONG, after=4, stop="max_tokens")
    tell(standin, text=" and the rest")
    ctx = await chat().ask("Hello")
    first, _, rest = ctx.answer.partition(" and the rest")
    assert LONG.startswith(first) and rest == ""
    assert len(ctx.items) == 1
    assert standin.control.requests == 2
    assert standin.control.last_request is not None
    assert "length limit" in standin.control.last_request["messages"][-1]["content"][-1]["text"]


async def test_max_tokens_again_and_again_is_said(chat: Begin, standin: StandIn) -> None:
    for _ in range(PARTS_MAX):
        tell(standin, text=LONG, after=2, stop="max_tokens")
    ctx = await chat().ask("Hello")
    assert ctx.answer.endswith(model_call.CUT)
    assert standin.control.requests == PARTS_MAX


async def test_a_cut_answer_of_the_stand_in_is_continued_to_the_letter(chat: Begin, standin: StandIn) -> None:
    whole = (await chat().ask("What can you do?")).answer
    await model_limit(90)
    ctx = await chat().ask("What can you do?")
    assert ctx.answer == whole
    assert standin.control.requests > 2


async def test_stop_sequence(chat: Begin, standin: StandIn) -> None:
    tell(standin, text=LONG, stop="stop_sequence")
    assert (await chat().ask("Hello")).answer == LONG


async def test_pause_turn_is_sent_back_as_it_is(chat: Begin, standin: StandIn) -> None:
    tell(standin, text=LONG, after=3, stop="pause_turn")
    tell(standin, text="the end")
    ctx = await chat().ask("Hello")
    assert ctx.answer.endswith("the end")
    assert standin.control.last_request is not None
    assert standin.control.last_request["messages"][-1]["role"] == "assistant"


async def test_refusal_is_told_plainly_and_replaces_what_was_begun(chat: Begin, standin: StandIn) -> None:
    tell(standin, text=LONG, after=3, stop="refusal")
    talk = chat()
    ctx = await talk.ask("Something bad")
    assert ctx.answer == model_call.DECLINED
    assert LONG.startswith(ctx.stale) and ctx.stale
    await talk.ask("Hello")
    assert "Something bad" not in str(standin.control.last_request)


async def test_refusal_before_a_word(chat: Begin, standin: StandIn) -> None:
    tell(standin, stop="refusal")
    ctx = await chat().ask("Something bad")
    assert ctx.answer == model_call.DECLINED and ctx.stale == ""


async def test_a_full_context_window_is_read_again_from_later(chat: Begin, standin: StandIn) -> None:
    talk = chat()
    for number in range(4):
        tell(standin, text=f"answer {number} " + "x" * 400)
        await talk.ask(f"question {number}")
    tell(standin, text=LONG, after=2, stop="model_context_window_exceeded")
    tell(standin, text="short now")
    ctx = await talk.ask("and now?")
    assert ctx.answer == "short now"
    assert LONG.startswith(ctx.stale) and ctx.stale
    sent = str(standin.control.last_request)
    assert "question 0" not in sent and "and now?" in sent
    # The next run begins where this one did: nothing before it changes again.
    await talk.ask("Hello")
    assert "question 0" not in str(standin.control.last_request)


async def test_a_context_that_stays_too_long_ends_the_run(chat: Begin, standin: StandIn) -> None:
    for _ in range(2):
        tell(standin, text=LONG, after=2, stop="model_context_window_exceeded")
    with pytest.raises(AgentError) as caught:
        await chat().ask("Hello")
    assert caught.value.code == "context_too_long"


async def test_a_prompt_that_is_too_long_is_shortened(chat: Begin, standin: StandIn) -> None:
    talk = chat()
    for number in range(4):
        tell(standin, text="x" * 4000)
        await talk.ask(f"question {number}")
    sizes = standin.messages.count(dict(standin.control.last_request or {}))
    standin.control.context_window = sizes
    ctx = await talk.ask("What can you do?")
    assert "stand-in" in ctx.answer
    assert ctx.waits[0][0] == "rereading"


async def test_an_empty_answer_is_asked_for_again(chat: Begin, standin: StandIn) -> None:
    tell(standin, text="")
    tell(standin, text="Here it is.")
    assert (await chat().ask("Hello")).answer == "Here it is."
    for _ in range(PARTS_MAX):
        tell(standin, text="")
    assert (await chat().ask("Hello")).answer == model_call.SILENT


async def test_the_last_round_calls_no_tools(
    chat: Begin, standin: StandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sales_app.agent.copilot.ROUNDS_MAX", 3)
    for _ in range(2):
        tell(standin, tools=[{"name": "open_tasks", "input": {}}])
    ctx = await chat().ask("Pipeline by stage")
    assert len(ctx.tools) == 2
    assert standin.control.last_request is not None
    assert standin.control.last_request["tool_choice"] == {"type": "none"}
    assert ctx.answer


def test_what_a_later_version_may_say_ends_the_answer() -> None:
    turn = Turn(content=[{"type": "text", "text": "a"}], stop_reason="something_new")
    assert decide(turn, parts=1, spoken=True).next == "end"


def test_calls_that_arrived_whole_count_after_max_tokens() -> None:
    call = {"type": "tool_use", "id": "t", "name": "open_tasks", "input": {}}
    assert (
        decide(Turn(content=[call], stop_reason="max_tokens", broken=True), parts=1, spoken=False).next
        == "tools"
    )
    assert decide(Turn(stop_reason="max_tokens", broken=True), parts=1, spoken=False).next == "go_on"


async def model_limit(tokens: int) -> None:
    await AgentSettings.objects.acreate(max_tokens=tokens)

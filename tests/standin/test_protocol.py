"""The Messages protocol as the real SDK sees it: streams, counts, what is refused, and failures on command."""

import json
import time
from typing import Any

import pytest
from anthropic import APIStatusError, BadRequestError, NotFoundError, RateLimitError
from httpx2 import AsyncClient, TransportError

from sales_app.standin import MODEL
from sales_app.standin.control import directive
from sales_app.standin.server import StandIn

Json = dict[str, Any]

TOOL: Json = {"name": "find_deals", "description": "d", "input_schema": {"type": "object", "properties": {}}}
SYSTEM = "User: Ann Lee, rep.\nToday: Tuesday, 2026-11-24."


def user(*blocks: Any) -> Json:
    return {
        "role": "user",
        "content": [{"type": "text", "text": b} if isinstance(b, str) else b for b in blocks],
    }


def request(**changes: Any) -> Json:
    values: Json = {"model": MODEL, "max_tokens": 1000, "messages": [user("Hello")], "system": SYSTEM}
    return {name: value for name, value in (values | changes).items() if value is not None}


async def stream(api: Any, **changes: Any) -> tuple[list[Json], Json]:
    """Content blocks as they must be sent back, and ``{"stop", "usage", "pieces"}``."""
    blocks: list[Json] = []
    about: Json = {"pieces": 0}
    partial = ""
    async for event in await api.messages.create(**request(**changes), stream=True):
        if event.type == "message_start":
            about["usage"] = event.message.usage
        elif event.type == "content_block_start":
            blocks.append(event.content_block.model_dump(exclude_none=True))
            partial = ""
        elif event.type == "content_block_delta":
            delta = event.delta
            about["pieces"] += delta.type == "text_delta"
            if delta.type == "text_delta":
                blocks[-1]["text"] += delta.text
            elif delta.type == "thinking_delta":
                blocks[-1]["thinking"] += delta.thinking
            elif delta.type == "signature_delta":
                blocks[-1]["signature"] = delta.signature
            elif delta.type == "input_json_delta":
                partial += delta.partial_json
        elif event.type == "content_block_stop" and blocks[-1]["type"] == "tool_use":
            blocks[-1]["input"] = json.loads(partial)
        elif event.type == "message_delta":
            about |= {"stop": event.delta.stop_reason, "output_tokens": event.usage.output_tokens}
    return blocks, about


async def test_a_streamed_answer(api: Any) -> None:
    blocks, about = await stream(api)
    assert [block["type"] for block in blocks] == ["text"]
    assert blocks[0]["text"].startswith("Hello Ann.")
    assert about["stop"] == "end_turn" and about["pieces"] > 20
    assert about["output_tokens"] >= about["pieces"]
    again, _ = await stream(api)
    assert again == blocks


async def test_an_answer_in_one_piece(api: Any) -> None:
    message = await api.messages.create(**request())
    assert message.content[0].text.startswith("Hello Ann.")
    assert message.stop_reason == "end_turn" and message.model == MODEL


async def test_tools_are_called_and_their_results_are_told(api: Any) -> None:
    messages = [user("Which deals close this month?")]
    blocks, about = await stream(api, messages=messages, tools=[TOOL], thinking={"type": "adaptive"})
    assert about["stop"] == "tool_use"
    assert [block["type"] for block in blocks] == ["thinking", "tool_use"]
    assert blocks[1]["input"] == {"close_from": "2026-11-01", "close_to": "2026-11-30", "open_only": True}
    row = {
        "id": 7,
        "url": "/deals/7/",
        "name": "Big one",
        "stage": "proposal",
        "amount": "1234.50",
        "currency": "EUR",
    }
    found = {"items": [row], "total": 1, "sums": [{"currency": "EUR", "count": 1, "amount": "1234.50"}]}
    result = {"type": "tool_result", "tool_use_id": blocks[1]["id"], "content": json.dumps(found)}
    messages += [{"role": "assistant", "content": blocks}, user(result)]
    blocks, about = await stream(api, messages=messages, tools=[TOOL], thinking={"type": "adaptive"})
    assert about["stop"] == "end_turn"
    assert "[Big one](/deals/7/)" in blocks[-1]["text"] and "€1,234.50" in blocks[-1]["text"]


async def test_tokens_and_the_cache_are_counted(api: Any) -> None:
    mark = {"type": "ephemeral"}
    long = [user("word " * 3000)]
    counted = await api.messages.count_tokens(model=MODEL, messages=long, system=SYSTEM)
    _, first = await stream(api, messages=long, cache_control=mark)
    usage = first["usage"]
    assert usage.cache_creation_input_tokens == counted.input_tokens and usage.cache_read_input_tokens == 0
    _, second = await stream(
        api, messages=[*long, {"role": "assistant", "content": "ok"}, user("Hi")], cache_control=mark
    )
    assert second["usage"].cache_read_input_tokens == counted.input_tokens
    assert 0 < second["usage"].cache_creation_input_tokens < 30
    _, short = await stream(api, cache_control=mark)
    assert short["usage"].cache_creation_input_tokens == 0 and short["usage"].input_tokens > 0


async def test_max_tokens_is_kept(api: Any) -> None:
    _, about = await stream(api, max_tokens=20)
    assert about["stop"] == "max_tokens"
    assert about["output_tokens"] <= 21
    _, whole = await stream(api)
    assert about["pieces"] < whole["pieces"]


USE = {"type": "tool_use", "id": "toolu_1", "name": "find_deals", "input": {}}
RESULT = {"type": "tool_result", "tool_use_id": "toolu_1", "content": "{}"}
ASSISTANT = {"role": "assistant", "content": [USE]}

REFUSED: list[tuple[str, Json, str]] = [
    ("no messages", {"messages": []}, "at least one message"),
    ("assistant last", {"messages": [user("a"), {"role": "assistant", "content": "b"}]}, "prefill"),
    ("assistant first", {"messages": [{"role": "assistant", "content": "b"}, user("a")]}, "first message"),
    ("unknown role", {"messages": [{"role": "system", "content": "b"}]}, "role"),
    ("empty content", {"messages": [{"role": "user", "content": []}]}, "non-empty"),
    ("empty text", {"messages": [user("")]}, "non-whitespace"),
    ("blank text", {"messages": [user(" \n")]}, "non-whitespace"),
    ("unknown block", {"messages": [user({"type": "hologram"})]}, "hologram"),
    ("unknown key of a block", {"messages": [user({"type": "text", "text": "a", "broken": True})]}, "Extra inputs"),
    ("call without result", {"messages": [user("a"), ASSISTANT, user("b")], "tools": [TOOL]}, "without `tool_result`"),
    ("text before the result", {"messages": [user("a"), ASSISTANT, user("b", RESULT)], "tools": [TOOL]}, "without `tool_result`"),
    ("result without call", {"messages": [user("a", RESULT)], "tools": [TOOL]}, "unexpected `tool_use_id`"),
    ("two results", {"messages": [user("a"), ASSISTANT, user(RESULT, RESULT)], "tools": [TOOL]}, "single result"),
    ("same id twice", {"messages": [user("a"), {"role": "assistant", "content": [USE, USE]}, user(RESULT)], "tools": [TOOL]}, "unique"),
    ("calls without tools", {"messages": [user("a"), ASSISTANT, user(RESULT)]}, "must define tools"),
    ("two tools of a name", {"tools": [TOOL, TOOL]}, "unique"),
    ("bad tool name", {"tools": [{**TOOL, "name": "find deals"}]}, "pattern"),
    ("bad schema", {"tools": [{**TOOL, "input_schema": {"type": "array"}}]}, "input_schema"),
    ("forced tool use", {"tools": [TOOL], "tool_choice": {"type": "any"}}, "forced tool use"),
    ("thinking off", {"thinking": {"type": "disabled"}}, "adaptive"),
    ("thinking budget", {"thinking": {"type": "enabled", "budget_tokens": 2000}}, "adaptive"),
    ("unknown effort", {"output_config": {"effort": "huge"}}, "effort"),
    ("too much output", {"max_tokens": 1_000_000}, "max_tokens"),
    ("no output", {"max_tokens": 0}, "max_tokens"),
    ("five cache marks", {"messages": [user(*({"type": "text", "text": "a", "cache_control": {"type": "ephemeral"}} for _ in range(5)))]}, "maximum of 4"),
    ("blank stop sequence", {"stop_sequences": [" "]}, "stop_sequences"),
    ("foreign thinking", {"messages": [user("a"), {"role": "assistant", "content": [{"type": "thinking", "thinking": "", "signature": "x"}, {"type": "text", "text": "b"}]}, user("c")]}, "Invalid `signature`"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("changes", "says"), [case[1:] for case in REFUSED], ids=[case[0] for case in REFUSED]
)
async def test_what_the_service_refuses(api: Any, server: StandIn, changes: Json, says: str) -> None:
    with pytest.raises(BadRequestError) as caught:
        await api.messages.create(**request(**changes), stream=True)
    assert says in caught.value.message
    assert caught.value.type == "invalid_request_error"
    assert server.control.requests == 0


@pytest.mark.parametrize("name", ["temperature", "top_p", "top_k", "made_up"])
async def test_removed_and_unknown_parameters(api: Any, name: str) -> None:
    with pytest.raises(BadRequestError) as caught:
        await api.messages.create(**request(), extra_body={name: 1})
    assert name in caught.value.message


async def test_required_parameters_and_headers(server: Any) -> None:
    headers = {"authorization": "Bearer x", "anthropic-version": "2026-10-21"}
    async with AsyncClient(base_url=server.url, trust_env=False) as http:

        async def status(body: Any, sent: dict[str, str] = headers, path: str = "/v1/messages") -> int:
            return (await http.post(path, content=json.dumps(body), headers=sent)).status_code

        whole = request()
        assert await status(whole) == 200
        for name in ("max_tokens", "model", "messages"):
            assert await status({key: value for key, value in whole.items() if key != name}) == 400
        assert await status(whole, {"anthropic-version": "2026-10-21"}) == 401
        assert await status(whole, {"authorization": "Bearer x"}) == 400
        assert await status([1]) == 400
        assert await status(whole, path="/v1/nothing") == 404
        assert (await http.post("/v1/messages", content=b"{", headers=headers)).status_code == 400


async def test_an_unknown_model(api: Any) -> None:
    with pytest.raises(NotFoundError):
        await api.messages.create(**request(model="gpt-99"))


async def looped(api: Any) -> tuple[list[Json], Json]:
    """A question, the call with its thinking, and its result."""
    first = [user("Which deals close this month?")]
    blocks, _ = await stream(api, messages=first, tools=[TOOL], thinking={"type": "adaptive"})
    result = {"type": "tool_result", "tool_use_id": blocks[1]["id"], "content": '{"items": [], "total": 0}'}
    rest = {"tools": [TOOL], "thinking": {"type": "adaptive"}}
    return [*first, {"role": "assistant", "content": blocks}, user(result)], rest


async def test_thinking_must_come_back_unchanged_in_a_tool_loop(api: Any) -> None:
    messages, rest = await looped(api)
    thinking, use = messages[1]["content"]
    await stream(api, messages=messages, **rest)
    altered = {**thinking, "thinking": "I thought something else"}
    for content, says in (([use], "Expected `thinking`"), ([altered, use], "Invalid `signature`")):
        changed = [messages[0], {"role": "assistant", "content": content}, messages[2]]
        with pytest.raises(BadRequestError, match=says):
            await stream(api, messages=changed, **rest)


async def test_thinking_is_bound_to_what_came_before_it(api: Any) -> None:
    messages, rest = await looped(api)
    for changes in (
        {"messages": [user("Which deals close next month?"), *messages[1:]]},
        {"messages": messages, "system": SYSTEM + " And be brief."},
        {"messages": messages, "tools": [TOOL, {**TOOL, "name": "other"}]},
        {"messages": messages, "model": "claude-opus-5-5"},
    ):
        with pytest.raises(BadRequestError, match="bound to a"):
            await stream(api, **(rest | changes))
    # Cache marks, and how the text is wrapped, are no change.
    marked = [{"role": "user", "content": messages[0]["content"][0]["text"]}, *messages[1:]]
    await stream(api, messages=marked, cache_control={"type": "ephemeral"}, **rest)


async def test_a_reset_connection(api: Any, server: StandIn) -> None:
    server.control.queue.append(directive({"after": 3, "reset": True}))
    with pytest.raises(TransportError):
        await stream(api)


async def test_an_early_clean_end_raises_nothing(api: Any, server: StandIn) -> None:
    server.control.queue.append(directive({"after": 3, "close": True}))
    blocks, about = await stream(api)
    assert blocks[0]["text"] and "stop" not in about


async def test_an_error_in_the_stream_has_status_200(api: Any, server: StandIn) -> None:
    server.control.queue.append(directive({"after": 3, "error": "overloaded_error"}))
    with pytest.raises(APIStatusError) as caught:
        await stream(api)
    assert (caught.value.status_code, caught.value.type) == (200, "overloaded_error")


async def test_a_rate_limit_says_when(api: Any, server: StandIn) -> None:
    server.control.queue.append(directive({"status": 429, "retry_after": 12}))
    with pytest.raises(RateLimitError) as caught:
        await stream(api)
    assert caught.value.response.headers["retry-after"] == "12"


@pytest.mark.parametrize(
    "stop", ["refusal", "max_tokens", "pause_turn", "stop_sequence", "model_context_window_exceeded"]
)
async def test_every_stop_reason(api: Any, server: StandIn, stop: str) -> None:
    server.control.queue.append(directive({"stop": stop, "after": 2}))
    blocks, about = await stream(api)
    assert about["stop"] == stop and blocks[0]["text"]


async def test_a_paused_turn_may_be_sent_back_and_no_other(api: Any, server: StandIn) -> None:
    server.control.queue.append(directive({"stop": "pause_turn", "after": 2}))
    blocks, _ = await stream(api)
    messages = [user("Hello"), {"role": "assistant", "content": blocks}]
    _, about = await stream(api, messages=messages)
    assert about["stop"] == "end_turn"
    blocks[0]["text"] += "!"
    with pytest.raises(BadRequestError, match="prefill"):
        await stream(api, messages=messages)


async def test_it_streams_at_the_speed_it_is_told(api: Any, server: StandIn) -> None:
    server.control.queue.append(directive({"filler": 40, "speed": 400}))
    began = time.monotonic()
    _, about = await stream(api)
    assert about["pieces"] == 40
    assert time.monotonic() - began >= 0.09


async def test_orders_over_http(api: Any, server: Any) -> None:
    async with AsyncClient(base_url=server.url, trust_env=False) as http:
        order = {"next": [{"text": "As told.", "match": "second"}], "speed": 0, "seed": 3}
        assert (await http.post("/_control", json=order)).json()["waiting"] == 1
        refused = await http.post("/_control", json={"next": [{"explode": True}]})
        assert refused.status_code == 400 and "filler" in refused.text
        assert (await stream(api, messages=[user("the first")]))[0][0]["text"] != "As told."
        assert (await stream(api, messages=[user("the second")]))[0][0]["text"] == "As told."
        state = (await http.get("/_control")).json()
        assert (state["requests"], state["waiting"]) == (2, 0)


async def test_orders_are_taken_only_where_that_was_asked_for(server: StandIn) -> None:
    server._controllable = False
    async with AsyncClient(base_url=server.url, trust_env=False) as http:  # type: ignore[attr-defined]
        assert (await http.post("/_control", json={"speed": 1})).status_code == 401
    assert server.control.speed == 0

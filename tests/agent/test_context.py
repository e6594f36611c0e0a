"""What the model reads: paired, bounded, never ending on an assistant turn, whatever happened before."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from sales_app.agent.context import LEFT_OUT, build, tokens
from sessions_app.runs.agents import TranscriptItem

Json = dict[str, Any]

words = st.text(alphabet="abc é", min_size=1, max_size=30).filter(lambda text: bool(text.strip()))


@st.composite
def runs(draw: Any) -> TranscriptItem:
    """A run as steps can lie in the database: whole, cut anywhere, with several tool calls at once."""
    steps: list[Json] = []
    for round_number in range(draw(st.integers(0, 3))):
        calls = [f"t{round_number}.{n}" for n in range(draw(st.integers(0, 3)))]
        content: list[Json] = [{"type": "text", "text": draw(words)}]
        content += [{"type": "tool_use", "id": call, "name": "find_deals", "input": {}} for call in calls]
        steps.append({"kind": "model", "name": "answer", "output": {"content": content}})
        for call in calls:
            output = {"call_id": call, "result": {"total": 1}, "failed": draw(st.booleans())}
            steps.append({"kind": "tool", "name": "find_deals", "output": output})
    kept = steps[: draw(st.integers(0, len(steps)))]
    status = draw(st.sampled_from(["finished", "failed", "cancelled"]))
    text = draw(st.one_of(st.just(""), words))
    return TranscriptItem(
        kind="run", text=text, actor="agent:copilot", run_id="r", status=status, steps=tuple(kept)
    )


@st.composite
def transcripts(draw: Any) -> list[TranscriptItem]:
    items: list[TranscriptItem] = []
    for _ in range(draw(st.integers(0, 6))):
        items.append(TranscriptItem(kind="user", text=draw(words), actor="user:1"))
        items.append(draw(runs()))
    items.append(TranscriptItem(kind="user", text="the question", actor="user:1"))
    return items


def refused(messages: list[Json]) -> str | None:
    """Why the Messages API would answer 400, or None."""
    if not messages or messages[0]["role"] != "user" or messages[-1]["role"] != "user":
        return "must begin and end with the user"
    for before, after in zip(messages, messages[1:], strict=False):
        if before["role"] == after["role"]:
            return "roles must alternate"
    for n, message in enumerate(messages):
        if not message["content"]:
            return "empty content"
        asked = [b["id"] for b in message["content"] if b["type"] == "tool_use"]
        following = messages[n + 1]["content"] if n + 1 < len(messages) else []
        answered = [b["tool_use_id"] for b in following if b["type"] == "tool_result"]
        if message["role"] == "assistant" and sorted(asked) != sorted(answered):
            return f"unpaired {asked} {answered}"
        if message["role"] == "user" and n == 0 and any(b["type"] == "tool_result" for b in message["content"]):
            return "result without a call"
    return None


@given(transcripts(), st.integers(1, 400))
def test_the_api_would_take_it(transcript: list[TranscriptItem], budget: int) -> None:
    messages = build(transcript, budget=budget)
    assert refused(messages) is None
    assert messages[-1]["content"][-1] == {"type": "text", "text": "the question"}


@given(transcripts(), st.integers(50, 400))
def test_it_stays_within_bounds(transcript: list[TranscriptItem], budget: int) -> None:
    messages = build(transcript, budget=budget)
    alone = build(transcript[-1:], budget=budget)
    whole = build(transcript, budget=10**9)
    assert tokens(messages) <= max(budget, tokens(alone)) + len(LEFT_OUT)
    if tokens(whole) <= budget - 100:
        assert messages == whole


def test_what_was_broken_off_is_said_to_be() -> None:
    broken = TranscriptItem(
        kind="run", text="The pipeline is", actor="agent:copilot", run_id="r", status="cancelled"
    )
    items = [
        TranscriptItem(kind="user", text="a", actor="user:1"),
        broken,
        TranscriptItem(kind="user", text="b", actor="user:1"),
    ]
    assert build(items, budget=1000)[1]["content"][0]["text"] == "The pipeline is\n[broken off]"

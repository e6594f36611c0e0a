"""Tools act with the rights of whoever asked; what they return is bounded, framed, and corrigible."""

from collections.abc import Callable
from typing import Any

import pytest
from asgiref.sync import sync_to_async

from sales_app.agent.tools import SignedOff, run_tool, tools
from sales_app.agent.tools.registry import LookUp
from sales_app.agent.tools.results import RESULT_CHARACTERS, _length, bounded
from sales_app.standin.control import directive
from sales_app.standin.server import StandIn
from tests.agent.conftest import Book
from tests.agent.memory import Chat

Json = dict[str, Any]


def names(result: Json) -> set[str]:
    return {row["name"] for row in result["items"]}


def test_a_rep_sees_the_own_book_and_a_manager_the_teams(book: Book) -> None:
    def seen(user: Any, tool: str, **arguments: Any) -> set[str]:
        return names(run_tool(f"user:{user.pk}", tool, arguments).value)

    assert seen(book.ann, "find_accounts") == {"Acme Freight"}
    assert seen(book.ben, "find_accounts") == {"Bolt Bakery"}
    assert seen(book.boss, "find_accounts") == {"Acme Freight", "Bolt Bakery"}
    assert seen(book.ann, "find_contacts") == {"Cleo Marsh"}
    assert len(seen(book.ben, "find_deals")) == 1
    foreign = run_tool(f"user:{book.ann.pk}", "get_account", {"ref": book.bolt.pk})
    assert foreign.failed and foreign.value["error"]["code"] == "not_found"


def test_every_read_tool_answers_for_an_empty_book(book: Book) -> None:
    arguments: dict[str, Json] = {
        "get_account": {"ref": "Acme"},
        "get_deal": {"ref": "Acme"},
        "calendar": {"day_from": "2026-11-24"},
    }
    for tool in tools():
        if not isinstance(tool, LookUp):
            continue
        result = run_tool(f"user:{book.ben.pk}", tool.name, arguments.get(tool.name, {}))
        assert "Acme" not in str(result.value.get("items", [])), tool.name
        assert result.summary


def test_a_deactivated_account_reads_nothing(book: Book) -> None:
    book.ann.is_active = False
    book.ann.save()
    for actor in (f"user:{book.ann.pk}", "user:999999", "user:x", "agent:copilot", "system"):
        with pytest.raises(SignedOff):
            run_tool(actor, "find_deals", {})


async def test_an_account_deactivated_between_two_calls(
    chat: Callable[..., Chat], standin: StandIn, book: Book
) -> None:
    standin.control.queue.append(directive({"tools": [{"name": "find_deals"}, {"name": "find_accounts"}]}))
    talk = chat()
    ctx = talk.context("Hello")
    wrapped = ctx.step

    async def step(kind: str, name: str, body: Any) -> Json:
        output = await wrapped(kind, name, body)
        if name == "find_deals":
            book.ann.is_active = False
            await sync_to_async(book.ann.save)()
        return output

    ctx.step = step  # type: ignore[method-assign]
    with pytest.raises(SignedOff) as caught:
        await talk.agent.run(ctx)
    assert caught.value.code == "account_inactive"
    assert [item.name for item in ctx.tools if item.ended] == ["find_deals"]


@pytest.mark.parametrize(
    ("name", "arguments", "says"),
    [
        ("no_such_tool", {}, "find_deals"),
        ("find_deals", {"colour": "red"}, "colour"),
        ("find_deals", [], "object"),
        ("get_account", {}, "ref"),
        ("find_deals", {"stage": "asleep"}, "negotiation"),
        ("find_deals", {"close_from": "soon"}, "2026"),
        ("find_deals", {"min_amount": "many"}, "number"),
        ("find_deals", {"limit": "many"}, "arguments"),
        ("calendar", {"day_from": "2026-01-01", "day_to": "2027-01-01"}, "31 days"),
    ],
)
def test_what_is_wrong_is_said_so_that_it_can_be_corrected(
    book: Book, name: str, arguments: Any, says: str
) -> None:
    result = run_tool(f"user:{book.ann.pk}", name, arguments)
    assert result.failed
    assert says in result.value["error"]["message"]


async def test_a_failed_call_reaches_the_model_as_an_error(
    chat: Callable[..., Chat], standin: StandIn
) -> None:
    standin.control.queue.append(directive({"tools": [{"name": "find_deals", "input": {"stage": "asleep"}}]}))
    ctx = await chat().ask("Hello")
    assert [item.failed for item in ctx.tools] == [True]
    assert standin.control.last_request is not None
    result = standin.control.last_request["messages"][-1]["content"][0]
    assert result["is_error"] is True and "asleep" in result["content"]


async def test_everybody_reads_a_summary_and_the_model_the_rows(
    chat: Callable[..., Chat], standin: StandIn
) -> None:
    ctx = await chat().ask("What happened at Acme Freight lately?")
    assert [(item.name, item.text) for item in ctx.tools] == [("recent_activities", "1 activity")]
    assert ctx.tools[0].args == {"account": "Acme Freight"}
    published = " ".join(item.text for item in ctx.items if item.kind == "tool")
    assert "Ignore your rules" not in published
    sent = standin.control.last_request["messages"][-1]["content"][0]["content"]  # type: ignore[index]
    # A note cannot end the frame that marks it as data.
    assert sent.startswith('<records tool="recent_activities">') and sent.count("</records>") == 1
    assert "Ignore your rules" in sent


def test_results_are_bounded() -> None:
    rows = [{"id": n, "body": "x" * 1200, "url": f"/activities/{n}/"} for n in range(90)]
    result = bounded({"items": rows, "total": 90, "truncated": False})
    assert _length(result) <= RESULT_CHARACTERS
    assert result["total"] == 90 and 0 < len(result["items"]) < 90 and "left_out" in result
    assert bounded({"items": rows[:2], "total": 2})["items"] == rows[:2]
    assert _length(bounded({"text": {str(n): "y" * 300 for n in range(200)}})) < RESULT_CHARACTERS

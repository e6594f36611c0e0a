"""The copilot asks researchers about several accounts: side by side, with the asker's rights, reading only."""

from collections.abc import Callable
from typing import Any

import pytest

from sales_app.agent.copilot import Copilot
from sales_app.agent.researcher import Researcher
from sales_app.agent.tools.registry import LookUp
from sales_app.crm.models import Account, Activity
from sales_app.standin.control import Control, directive
from sessions_app.control.send import send_input
from sessions_app.control.stop import stop
from sessions_app.runs.agents import agents, register_agent
from sessions_app.runs.host import RunHost
from sessions_app.runs.models import Run
from sessions_app.session.models import Session
from tests.agent.conftest import Book, ended
from tests.agent.test_acting import items, results
from tests.runs.test_host import wait_for

Ask = Callable[[str], Run]


@pytest.fixture(autouse=True)
def researcher() -> None:
    register_agent(Researcher(), internal=True)


@pytest.fixture
def cargo(book: Book) -> Account:
    return Account.objects.create(name="Cargo Line", industry="Logistics", status="prospect", owner=book.ann)


def research(control: Control, *accounts: Any, question: str = "Who are the people here?") -> None:
    """What the model calls next, when it is asked to look into accounts."""
    call = {"name": "research_accounts", "input": {"accounts": list(accounts), "question": question}}
    control.queue.append(directive({"match": "look into", "tools": [call]}))


def children() -> list[Run]:
    return list(Run.objects.filter(agent="researcher").order_by("input_offset"))


def test_each_account_has_its_researcher(
    ask: Ask, control: Control, session: Session, book: Book, cargo: Account
) -> None:
    research(control, "Acme Freight", cargo.pk, "Acme Freight")
    run = ask("Please look into them")
    assert run.status == "finished", run.error_message
    assert [(each.title, each.status, each.parent_id) for each in children()] == [
        ("Acme Freight", "finished", run.pk),
        ("Cargo Line", "finished", run.pk),
    ]
    said = {item["run"]: item["text"] for item in items(session, "message") if item["text"]}
    assert "Cleo Marsh" in said[str(children()[0].pk)]
    assert "Cleo Marsh" not in said[str(children()[1].pk)]
    tool = next(item for item in items(session, "tool") if item["name"] == "research_accounts")
    assert (tool["result"], tool["status"], tool["run"]) == (
        "2 of 2 accounts looked into",
        "done",
        str(run.pk),
    )


def test_what_they_found_is_the_calls_result(ask: Ask, control: Control, session: Session) -> None:
    research(control, "Acme Freight")
    run = ask("Please look into it")
    outputs = [step.output for step in run.steps.filter(name="research_accounts").order_by("index")]
    assert [set(each) for each in outputs] == [{"planned"}, {"call_id", "content", "failed", "untrusted"}]
    assert "Cleo Marsh" in outputs[1]["content"]
    # And it stays readable in the next question's conversation.
    ask("Hello")
    assert "Cleo Marsh" in str(results(control)["research_accounts"]["content"])


@pytest.mark.parametrize(
    ("accounts", "code"),
    [(["Bolt Bakery"], "not_found"), ([], "unknown_value"), (["Acme Freight"] * 9, "unknown_value")],
)
def test_who_cannot_be_looked_into(
    ask: Ask, control: Control, session: Session, accounts: list[str], code: str
) -> None:
    """Bolt Bakery is Ben's: Ann's researchers see what Ann sees."""
    research(control, *accounts)
    run = ask("Please look into it")
    assert run.status == "finished"
    assert code in str(run.steps.get(name="research_accounts").output["content"])
    assert children() == []


def test_a_researcher_changes_nothing_and_asks_nobody(ask: Ask, control: Control, session: Session) -> None:
    log = {"kind": "call", "subject": "Made up", "account": "Acme Freight"}
    mail = {"contact": "Cleo Marsh", "subject": "Made up", "body": "Made up"}
    again = {"accounts": ["Acme Freight"], "question": "Deeper?"}
    control.queue.append(
        directive(
            {
                "match": "who are the people",
                "tools": [
                    {"name": "log_activity", "input": log},
                    {"name": "send_email", "input": mail},
                    {"name": "research_accounts", "input": again},
                ],
            }
        )
    )
    research(control, "Acme Freight")
    run = ask("Please look into it")
    (child,) = children()
    assert (run.status, child.status) == ("finished", "finished")
    refused = [step.output for step in child.steps.filter(kind="tool").order_by("index")[:3]]
    assert all(each["failed"] and "There is no tool" in each["content"] for each in refused)
    assert not Activity.objects.filter(subject="Made up").exists()
    assert Run.objects.count() == 2


def test_people_are_not_offered_the_researcher() -> None:
    register_agent(Copilot())
    assert "researcher" not in [agent.name for agent in agents()]
    assert all(isinstance(tool, LookUp) for tool in Researcher().tools())
    assert {tool.name for tool in Copilot().tools()} > {tool.name for tool in Researcher().tools()}


def test_the_stand_in_asks_researchers_by_itself(
    ask: Ask, control: Control, session: Session, book: Book, cargo: Account
) -> None:
    run = ask("Research Acme Freight and Cargo Line: who are the people here?")
    assert run.status == "finished"
    assert [child.title for child in children()] == ["Acme Freight", "Cargo Line"]
    (answer,) = [item["text"] for item in items(session, "message") if item["run"] == str(run.pk)]
    assert f"**[Acme Freight]({book.acme.get_absolute_url()})**" in answer
    assert "Cleo Marsh" in answer and "**[Cargo Line]" in answer


def test_a_researcher_that_is_stopped_is_told_to_the_model(
    host: RunHost, control: Control, session: Session, cargo: Account
) -> None:
    control.queue.append(directive({"match": "who are", "delay": 60}))
    research(control, "Acme Freight", cargo.pk)
    accepted = send_input(
        session_id=str(session.pk), actor=session.created_by, client_id="m", text="Please look into them"
    )
    wait_for(lambda: [child.status for child in children()].count("finished") == 1)
    slow = Run.objects.get(agent="researcher", status="running")
    stop(session_id=str(session.pk), actor=session.created_by, run_id=str(slow.pk))
    run = ended(accepted.run_id)
    assert run.status == "finished"
    told = str(run.steps.filter(name="research_accounts").latest("index").output["content"])
    assert told.count('"state": "was stopped"') == 1
    tool = next(item for item in items(session, "tool") if item["name"] == "research_accounts")
    assert tool["result"] == "1 of 2 accounts looked into, 1 could not"

"""The claim checker on single statements: what it lets through, what it stops, and why."""

from datetime import date

import pytest

from sales_app.claims import check, problem_of, unsupported
from sales_app.documents import Block, Document, Section
from sales_app.facts import Fact, Source

TODAY = date(2026, 11, 24)  # a Tuesday


def fact(text: str, quote: str = "", id: str = "f1", **values: object) -> Fact:
    source = Source(
        category="calls",
        provider="demo",
        ref="c1",
        label="Call with Acme, 3 Nov 2026",
        url="/sources/calls/c1/",
        as_of="2026-11-03T10:00:00+00:00",
        quote=quote,
    )
    return Fact(id=id, kind="k", text=text, sources=(source,), values=dict(values))


RENEWAL = fact("Acme Health's renewal of $48,000 closes on 15 December 2026, in stage Negotiation.")
HOLD = fact(
    "Dana Wu, CFO, said that the project is on hold until the Q2 budget.",
    quote="We are on hold until Q2 budget.",
)
MAYBE = fact("Dana Wu might join the call on Thursday.")
LATE = fact("The security review has not started; Priya Nair is waiting for our questionnaire.")
GROWTH = fact("Usage grew by 18 % to 1,240 seats in October.")

SUPPORTED = {
    "same words": (RENEWAL, "Acme Health's renewal of $48,000 closes on 15 December 2026."),
    "short money": (RENEWAL, "Acme's $48K renewal closes 15 Dec."),
    "weekday of a date": (RENEWAL, "The Acme renewal closes on Tuesday, December 15."),
    "month alone": (RENEWAL, "Acme Health closes in December."),
    "hold": (HOLD, "On hold until Q2 budget, says Dana Wu (CFO)."),
    "hold in other words": (HOLD, "Dana has paused the project until her Q2 budget."),
    "hedge kept": (MAYBE, "Dana may join on Thursday."),
    "denial kept": (LATE, "Priya's security review hasn't started yet."),
    "percent": (GROWTH, "Seat usage is up 18% in October, to 1,240."),
    "rounded": (GROWTH, "Usage grew to about 1.2K seats."),
    "date of the source": (HOLD, "On 3 November Dana Wu said the project is on hold."),
    "advice": (HOLD, "Ask Dana what would have to be in the Q2 budget."),
}
WRONG = {
    "amount": (RENEWAL, "Acme Health's renewal of $84,000 closes on 15 December 2026.", "number"),
    "magnitude": (RENEWAL, "Acme Health's $48M renewal closes in December.", "number"),
    "currency": (RENEWAL, "Acme Health's renewal of €48,000 closes in December.", "number"),
    "percent for a count": (GROWTH, "Usage grew by 18 seats in October.", "number"),
    "day": (RENEWAL, "Acme Health's renewal closes on 16 December 2026.", "date"),
    "month": (RENEWAL, "Acme Health's renewal closes in January.", "date"),
    "weekday": (RENEWAL, "Acme Health's renewal closes on Friday, December 15.", "date"),
    "quarter": (HOLD, "Dana Wu put the project on hold until the Q3 budget.", "date"),
    "person": (HOLD, "Dana Wong, CFO, said that the project is on hold.", "name"),
    "office": (HOLD, "The CTO said that the project is on hold until Q2.", "name"),
    "first word is a wrong person": (HOLD, "Marcus said that the project is on hold until Q2.", "name"),
    "company": (RENEWAL, "Globex Health's renewal of $48,000 closes in December.", "name"),
    "by for until": (HOLD, "Dana Wu will decide by the Q2 budget.", "negation"),
    "decide for hold": (
        HOLD,
        "Dana Wu, CFO, said that the project is decided for the Q2 budget.",
        "negation",
    ),
    "denial lost": (LATE, "The security review has started; Priya Nair has our questionnaire.", "negation"),
    "denial added": (RENEWAL, "Acme Health's renewal does not close on 15 December 2026.", "negation"),
    "up for down": (GROWTH, "Usage dropped by 18 % to 1,240 seats in October.", "negation"),
    "certain for maybe": (MAYBE, "Dana Wu will join the call on Thursday.", "certainty"),
    "invented": (
        RENEWAL,
        "The buying committee loves our roadmap and trusts the implementation team.",
        "words",
    ),
}


@pytest.mark.parametrize("case", SUPPORTED)
def test_what_its_facts_say_passes(case: str) -> None:
    known, text = SUPPORTED[case]
    assert problem_of(text, [known], today=TODAY) is None


@pytest.mark.parametrize("case", WRONG)
def test_what_its_facts_do_not_say_is_found(case: str) -> None:
    known, text, kind = WRONG[case]
    found = problem_of(text, [known], today=TODAY)
    assert found is not None
    assert found.kind == kind, found


def test_a_number_of_one_fact_said_of_another() -> None:
    acme, globex = fact("Acme's deal is $40,000."), fact("Globex's deal is $90,000.", id="f2")
    assert problem_of("Acme is at $40,000, Globex at $90,000.", [acme, globex], today=TODAY) is None
    swapped = problem_of("Acme is at $90,000, Globex at $40,000.", [acme, globex], today=TODAY)
    assert swapped is not None and swapped.kind == "number"


@pytest.mark.parametrize(
    ("text", "flagged"),
    [
        ("Acme renews in December.", True),
        ("They have chosen us over everybody else.", True),
        ("What would have to be true for you to go ahead?", False),
        ("Listen first.", False),
    ],
)
def test_without_a_source(text: str, flagged: bool) -> None:
    assert (problem_of(text, [], today=TODAY) is not None) == flagged


def test_a_document_is_marked_where_it_is_wrong() -> None:
    document = Document(
        kind="brief",
        title="Acme",
        facts=(RENEWAL,),
        sections=(
            Section(
                title="Now",
                blocks=(
                    Block(kind="item", text="The renewal is $48,000.", cites=("f1",)),
                    Block(kind="item", text="The renewal is $47,000.", cites=("f1",)),
                    Block(kind="item", text="It closes in December.", cites=("f9",)),
                    Block(kind="note", text="The calendar could not be read."),
                ),
            ),
        ),
    )
    checked = check(document, today=TODAY)
    flags = [block.flag for block in checked.sections[0].blocks]
    assert flags == ["", "unsupported", "unsupported", ""]
    assert unsupported(checked) == 2
    assert "f9" in checked.sections[0].blocks[2].why
    assert check(checked, today=TODAY) == checked

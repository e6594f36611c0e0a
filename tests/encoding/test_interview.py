"""An interview: what is asked and asked after, how it goes on, what becomes of the answers, and who sees them before."""

import re
import uuid
from collections.abc import Callable, Iterator

import pytest
from django.test import Client

from sales_app.encoding.interview.agent import Interviewer, skill_named
from sales_app.encoding.interview.course import (
    FOLLOW_UPS_MOST,
    Course,
    Said,
    begin,
    course_from_json,
    question_now,
    take,
)
from sales_app.encoding.interview.lines import as_instruction
from sales_app.encoding.interview.plan import Question
from sales_app.encoding.interview.vague import FOLLOW_UPS, is_vague
from sales_app.encoding.models import Encoding
from sales_app.people.models import User
from sales_app.skills import store
from sales_app.skills.models import Skill, SkillVersion
from sales_app.standin.control import Control
from sessions_app.control.send import send_input
from sessions_app.control.start import start_session
from sessions_app.runs import dispatch
from sessions_app.runs.agents import register_agent
from sessions_app.runs.host import RunHost
from sessions_app.runs.models import Input, Run
from sessions_app.session.snapshots import load_view
from tests.agent.conftest import ended

PLAN = [Question(id="one", text="One?"), Question(id="two", text="Two?")]
GOOD = "I always ask who signs, and I write the answer into the first line of my notes."


def said(*texts: str) -> list[Said]:
    return [Said(offset=n * 10, text=text) for n, text in enumerate(texts)]


def test_one_question_at_a_time() -> None:
    course = begin(PLAN)
    assert question_now(course, PLAN) == "One? (1 of 2)"
    course = take(course, said(GOOD), PLAN)
    assert question_now(course, PLAN) == "Two? (2 of 2)"
    course = course_from_json(take(course, said(GOOD), PLAN).as_json())
    assert course.over and question_now(course, PLAN) == ""
    assert course.answers == {"one": [[0, GOOD]], "two": [[0, GOOD]]}


def test_vague_answers_are_asked_after_and_not_for_ever() -> None:
    course = begin(PLAN)
    for follow in FOLLOW_UPS:
        course = take(course, said("It depends."), PLAN)
        assert question_now(course, PLAN) == follow
    course = take(course, said("It depends."), PLAN)
    assert course.asked == "two", "then it goes on"
    many = [Question(id=f"q{n}", text="?") for n in range(20)]
    course, asked = begin(many), 0
    while not course.over:
        course, asked = take(course, said("Hm."), many), asked + 1
    assert asked == 20 + FOLLOW_UPS_MOST


def test_left_out_ended_and_gone_on_with() -> None:
    course = take(begin(PLAN), said("skip"), PLAN)
    assert (course.asked, course.passed, course.answers) == ("two", ("one",), {})
    course = take(course, said("That's all."), PLAN)
    assert course.over
    assert take(course, said("What?"), PLAN) == course
    assert take(course, said("go on"), PLAN).asked == "two"
    assert isinstance(Course().as_json(), dict)


@pytest.mark.parametrize(
    ("text", "vague"),
    [
        ("It depends.", True),
        ("I build rapport and add value and so on for everybody there", True),
        ("Good preparation is really the key to all of it", True),
        (GOOD, False),
        ("Ten minutes before the call I open the last invoice they sent us", False),
        ("If the CFO joins I ask about cash first, before anything else", False),
    ],
)
def test_what_is_vague(text: str, vague: bool) -> None:
    assert is_vague(text) is vague


@pytest.mark.parametrize(
    ("sentence", "line"),
    [
        ("I always ask who signs.", "Always ask who signs."),
        ("I never send a deck.", "Never send a deck."),
        ("I usually call them first.", "Call them first."),
        ("First, I read the notes.", "Read the notes."),
        ("I am good at this.", "I am good at this."),
        ("I asked her twice.", "I asked her twice."),
        ("The CFO reads one page.", "The CFO reads one page."),
    ],
)
def test_their_own_words_as_an_instruction(sentence: str, line: str) -> None:
    assert as_instruction(sentence) == line


# In the real run host.


class Talk:
    """Dana's interview. ``say`` returns what is answered."""

    def __init__(self, user: User, text: str = "Interview me about call-prep") -> None:
        self.user = user
        started = start_session(user, agent="interviewer", text=text, client_id=uuid.uuid4().hex)
        assert started.input is not None
        self.session = started.session
        self.first = self._answer(started.input.run_id)

    def say(self, text: str, by: User | None = None) -> str:
        accepted = send_input(
            session_id=str(self.session.pk),
            actor=f"user:{(by or self.user).pk}",
            client_id=uuid.uuid4().hex,
            text=text,
        )
        return self._answer(accepted.run_id)

    def _answer(self, run_id: object) -> str:
        run = ended(run_id)
        assert run.status == Run.Status.FINISHED, run.error
        _, view = load_view(str(self.session.pk))
        texts = [
            item["text"]
            for item in view["items"]
            if item["kind"] == "message" and item.get("run") == str(run_id)
        ]
        return "\n".join(texts)

    @property
    def encoding(self) -> Encoding:
        return Encoding.objects.get(session=self.session)


@pytest.fixture
def host(control: Control, skill: Skill) -> Iterator[RunHost]:
    register_agent(Interviewer())
    host = RunHost()
    host.start()
    dispatch.on_wake(host.submit)
    yield host
    host.stop(grace=2)


@pytest.mark.django_db(transaction=True)
def test_from_the_first_question_to_a_cited_draft(
    host: RunHost, dana: User, revops: User, skill: Skill, signed_in: Callable[[User], Client]
) -> None:
    talk = Talk(dana)
    assert "went really well" in talk.first and "(1 of 6)" in talk.first and "skip" in talk.first
    assert talk.say("It depends.") == FOLLOW_UPS[0]
    assert "always do first" in talk.say(GOOD)
    # Another worker, as after a deploy: the interview stands in its session alone.
    host.stop(grace=2)
    host = RunHost()
    host.start()
    dispatch.on_wake(host.submit)
    try:
        assert "On the call" in talk.say(
            "I read the last two mails. Then I call the champion for five minutes."
        )
        over = talk.say("that's all")
    finally:
        host.stop(grace=2)
    found = talk.encoding
    assert f"/interviews/{found.pk}/" in over and "3 lines" in over
    lines = list(found.lines.all())
    assert [line.proposed for line in lines] == [
        "Always ask who signs, and I write the answer into the first line of my notes.",
        "Read the last two mails.",
        "Call the champion for five minutes.",
    ]
    for line in lines:
        (source,) = line.fact["sources"]
        message = Input.objects.get(session=talk.session, offset=int(source["ref"]))
        assert source["quote"] in message.text
        assert source["url"] == f"/chat/{talk.session.pk}/#at-{message.offset}"

    # Nobody else sees it, whatever their role.
    admin = User.objects.create_user("root@example.com", role="administrator")
    for other in (revops, admin):
        assert signed_in(other).get(f"/admin/sales_app/encoding/{found.pk}/change/").status_code == 404
        assert signed_in(other).get(f"/interviews/{found.pk}/").status_code == 404
        assert signed_in(other).post(f"/interviews/{found.pk}/hand-in/").status_code == 404
        listed = signed_in(other).get("/admin/sales_app/encoding/").content.decode()
        assert f"/encoding/{found.pk}/change/" not in listed
    assert SkillVersion.objects.count() == 1

    own = signed_in(dana)
    assert b"Only you see this" in own.get(f"/interviews/{found.pk}/").content
    own.post(f"/interviews/{found.pk}/decide/", {"line": lines[1].pk, "seen": 0, "action": "reject"})
    own.post(f"/interviews/{found.pk}/hand-in/")
    own.post(f"/interviews/{found.pk}/hand-in/")
    found.refresh_from_db()
    assert found.draft is not None and not found.private and found.handed_in_at is not None
    assert (found.draft.origin, found.draft.state, found.draft.created_by) == ("encoded", "draft", dana)
    assert SkillVersion.objects.count() == 2
    files = store.files_of(found.draft)
    text = files["SKILL.md"].decode()
    assert "## From an interview" in text and lines[0].proposed in text and lines[1].proposed not in text
    evidence = next(content.decode() for path, content in files.items() if "from-interview" in path)
    assert re.search(rf"\[message \d+\]\(/chat/{talk.session.pk}/#at-\d+\)", evidence)
    assert signed_in(revops).get(f"/admin/sales_app/encoding/{found.pk}/change/").status_code == 200


@pytest.mark.django_db(transaction=True)
def test_which_skill_is_asked(host: RunHost, dana: User) -> None:
    talk = Talk(dana, "Interview me")
    assert talk.first == "Which skill is it about? Write its name: call-prep."
    assert "(1 of 6)" in talk.say("call prep, please")
    found = skill_named("about the call-prep")
    assert found is not None and found.name == "call-prep" and skill_named("a recall prepared") is None


@pytest.mark.django_db(transaction=True)
def test_whoever_may_not_write_is_told(host: RunHost) -> None:
    auditor = User.objects.create_user("au@example.com", role="auditor")
    assert "Your role" in Talk(auditor).first and not Encoding.objects.exists()

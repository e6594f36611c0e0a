"""Where an interview stands: what was answered, what is asked next. Plain values; each run's step keeps them."""

import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from sales_app.encoding.interview.plan import Question
from sales_app.encoding.interview.vague import FOLLOW_UPS, is_vague

Json = dict[str, Any]

FOLLOW_UPS_MOST = 6  # in an interview
ENOUGH = re.compile(
    r"^\W*(?:that(?:'s| is| was) (?:all|it|enough)|enough|stop(?: here)?|finish|done|the end|i am done|i'm done|no more)\W*(?:thanks|thank you)?\W*$",
    re.IGNORECASE,
)
SKIP = re.compile(
    r"^\W*(?:skip(?: (?:it|this|that))?|next(?: question)?|pass|no idea|i don't know|i do not know|nothing|n/?a)\W*$",
    re.IGNORECASE,
)
GO_ON = re.compile(r"^\W*(?:go on|continue|let us go on|let's go on|resume|more)\W*$", re.IGNORECASE)


@dataclass(frozen=True, kw_only=True)
class Said:
    """One message of whoever is interviewed: its place in the session's log, and its text."""

    offset: int
    text: str


@dataclass(frozen=True, kw_only=True)
class Course:
    """``asked`` is the question that waits for an answer, "" before the first and after the last; ``follow`` how often it was
    asked after. ``answers`` {question: [[offset, text]]}, in the order of the plan as far as it went.
    """

    asked: str = ""
    follow: int = 0
    follows: int = 0
    answers: dict[str, list[list[Any]]] = field(default_factory=dict)
    passed: tuple[str, ...] = ()
    over: bool = False

    def as_json(self) -> Json:
        return asdict(self)


def course_from_json(value: Json) -> Course:
    return Course(**{**value, "passed": tuple(value["passed"])})


def take(course: Course, said: Sequence[Said], plan: Sequence[Question]) -> Course:
    """After these messages. Each of them answers the question that waits, or says how to go on."""
    for message in said:
        course = _take(course, message, plan)
    return course


def begin(plan: Sequence[Question]) -> Course:
    return _next(Course(), plan)


def _take(course: Course, message: Said, plan: Sequence[Question]) -> Course:
    text = message.text.strip()
    if course.over:
        return _next(replace(course, over=False), plan) if GO_ON.match(text) else course
    if ENOUGH.match(text):
        return replace(course, over=True, asked="", follow=0)
    if not course.asked or GO_ON.match(text):
        return course
    if SKIP.match(text):
        return _next(replace(course, passed=(*course.passed, course.asked)), plan)
    before = course.answers.get(course.asked, [])
    answers = {**course.answers, course.asked: [*before, [message.offset, text]]}
    course = replace(course, answers=answers)
    may_follow = course.follow < len(FOLLOW_UPS) and course.follows < FOLLOW_UPS_MOST
    if is_vague(text) and may_follow:
        return replace(course, follow=course.follow + 1, follows=course.follows + 1)
    return _next(course, plan)


def _next(course: Course, plan: Sequence[Question]) -> Course:
    for question in plan:
        if question.id not in course.answers and question.id not in course.passed:
            return replace(course, asked=question.id, follow=0)
    return replace(course, asked="", follow=0, over=True)


def question_now(course: Course, plan: Sequence[Question]) -> str:
    """What is to be asked; "" when nothing is."""
    if course.over or not course.asked:
        return ""
    if course.follow:
        return FOLLOW_UPS[course.follow - 1]
    place, question = next((n, each) for n, each in enumerate(plan, 1) if each.id == course.asked)
    return f"{question.text} ({place} of {len(plan)})"

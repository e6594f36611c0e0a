"""What the kinds of news are called, and of which somebody does not want to be told, and how."""

from collections.abc import Iterable, Mapping
from typing import Literal

from sales_app.inbox.models import Notice, NoticeWish
from sales_app.people.models import User

Channel = Literal["mail", "push"]
# In mails and on devices, what presses most first.
TITLES: Mapping[str, str] = {
    Notice.Kind.APPROVAL: "Your approval is wanted",
    Notice.Kind.QUESTION: "A question for you",
    Notice.Kind.INVITATION: "You were invited to a chat",
    Notice.Kind.FAILURE: "An answer failed",
    Notice.Kind.BUDGET: "Your budget is nearly used",
    Notice.Kind.BRIEF: "Prepared for you",
    Notice.Kind.ARTIFACT: "A document is ready",
    Notice.Kind.ANSWER: "An answer is ready",
}
LABELS: Mapping[str, str] = {
    Notice.Kind.APPROVAL: "An action waits for my approval",
    Notice.Kind.QUESTION: "A question waits for my answer",
    Notice.Kind.BRIEF: "A brief or call prep is ready",
    Notice.Kind.ARTIFACT: "A document that I asked for is ready",
    Notice.Kind.ANSWER: "An answer is ready",
    Notice.Kind.FAILURE: "An answer ended with an error",
    Notice.Kind.INVITATION: "I was invited to a chat",
    Notice.Kind.BUDGET: "My budget is nearly used",
}


def unwished(users: Iterable[int], channel: Channel) -> set[tuple[str, str]]:
    """(actor, kind) of what these users do not want in this way."""
    rows = NoticeWish.objects.filter(user__in=list(users), **{channel: False})
    return {(f"user:{user}", kind) for user, kind in rows.values_list("user_id", "kind")}


def wishes_of(user: User) -> dict[str, NoticeWish]:
    """One for each kind, in the order in which they are shown; those without a row are not saved."""
    known = {wish.kind: wish for wish in NoticeWish.objects.filter(user=user)}
    return {kind: known.get(kind) or NoticeWish(user=user, kind=kind) for kind in LABELS}


def wish(user: User, kind: str, *, mail: bool, push: bool) -> None:
    NoticeWish.objects.update_or_create(user=user, kind=kind, defaults={"mail": mail, "push": push})

"""Signing in and out, the lockout, the second step, forgotten passwords."""

import re
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import hotp_value, yield_hotp_counters_from_time
from django.contrib.auth import hashers
from django.core import mail
from django.template.loader import render_to_string
from django.test import Client

from config.celery import app
from sales_app.people.models import User
from tests.people.conftest import PASSWORD, Person, SignedIn


def sign_in(email: str, password: str = PASSWORD, client: Client | None = None) -> tuple[Client, Any]:
    client = client or Client()
    return client, client.post("/accounts/login/", {"login": email, "password": password})


def code(secret: str) -> str:
    return f"{hotp_value(secret, next(yield_hotp_counters_from_time())):06}"


def test_in_and_out(person: Person) -> None:
    rep = person()
    client, answer = sign_in(rep.email.upper())
    assert (answer.status_code, answer["Location"]) == (302, "/")
    assert client.get("/me/").status_code == 200
    assert client.get("/accounts/logout/").status_code == 200, "asks, since a link must not sign anybody out"
    assert client.get("/me/").status_code == 200
    assert client.post("/accounts/logout/").status_code == 302
    assert client.get("/me/").status_code == 302


def test_nobody_is_sent_to_another_site(person: Person) -> None:
    rep = person()
    form = {"login": rep.email, "password": PASSWORD}
    assert Client().post("/accounts/login/?next=https://evil.example/", form)["Location"] == "/"
    assert Client().post("/accounts/login/?next=/deals/", form)["Location"] == "/deals/"


def test_the_pages_are_ours_and_signing_up_is_closed(db: None) -> None:
    client = Client()
    page = client.get("/accounts/login/").content
    assert b"Accounts are made by invitation" in page
    assert b"made by invitation" in client.get("/accounts/signup/").content
    form = {"email": "new@example.com", "password1": PASSWORD, "password2": PASSWORD}
    client.post("/accounts/signup/", form)
    assert not User.objects.exists()


def test_the_address_is_not_changed_by_oneself(person: Person, signed_in: SignedIn) -> None:
    rep = person()
    answer = signed_in(rep).post("/accounts/email/", {"email": "mine@example.com", "action_add": ""})
    assert answer["Location"] == "/me/"
    assert not rep.emailaddress_set.exists()  # type: ignore[attr-defined]  # allauth's


def errors(answer: Any) -> list[str]:
    return list(answer.context["form"].non_field_errors())


def test_a_wrong_password_and_an_unknown_address_look_alike(person: Person) -> None:
    rep = person()
    known, unknown = sign_in(rep.email, "wrong")[1], sign_in("nobody@example.com", "wrong")[1]
    assert known.status_code == unknown.status_code == 200
    assert errors(known) == errors(unknown) != []


def test_a_wrong_password_costs_what_an_unknown_address_costs(
    person: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Hashing is nearly all the time of an answer, so it is counted, not timed."""
    rep, gone = person(), person(is_active=False)
    hashed: list[str] = []
    hasher = type(hashers.get_hasher())
    encode = hasher.encode

    def counted(self: hashers.BasePasswordHasher, password: str, salt: str) -> str:
        hashed.append(password)
        return str(encode(self, password, salt))

    monkeypatch.setattr(hasher, "encode", counted)
    costs = []
    for email in (rep.email, gone.email, "nobody@example.com"):
        hashed.clear()
        sign_in(email, "wrong")
        costs.append(len(hashed))
    assert len(set(costs)) == 1 and costs[0] > 0, costs


@pytest.mark.parametrize("known", [True, False])
def test_five_wrong_passwords_lock_one_address_for_a_while(person: Person, known: bool) -> None:
    rep, other = person(), person()
    email = rep.email if known else "nobody@example.com"
    for _ in range(5):
        assert "Too many" not in str(errors(sign_in(email, "wrong")[1]))
    locked = sign_in(email)[1]
    assert locked.status_code == 200 and "Too many" in str(errors(locked))
    assert sign_in(other.email)[1].status_code == 302, "others are not locked out with them"


def test_the_admin_has_no_door_of_its_own(person: Person) -> None:
    person("administrator")
    answer = Client().get("/admin/login/?next=/admin/")
    assert answer.status_code == 302 and answer["Location"].startswith("/accounts/login/")


def test_whoever_left_cannot_come_in_and_is_told_only_with_the_right_password(person: Person) -> None:
    gone = person(is_active=False)
    assert sign_in(gone.email)[1]["Location"] == "/accounts/inactive/"
    assert b"deactivated" in Client().get("/accounts/inactive/").content
    assert errors(sign_in(gone.email, "wrong")[1]) == errors(sign_in("nobody@example.com", "wrong")[1])


def reset_link() -> str:
    found = re.search(r"http://testserver(/accounts/password/reset/key/\S+)", str(mail.outbox[-1].body))
    assert found
    return found[1]


def test_a_forgotten_password(person: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    kicked: list[object] = []
    monkeypatch.setattr("sales_app.people.adapter.kick_user", kicked.append)
    rep = person(first_name="Ann")
    elsewhere, _ = sign_in(rep.email)
    Client().post("/accounts/password/reset/", {"email": rep.email.upper()})
    assert mail.outbox[-1].to == [rep.email] and "Hello Ann" in mail.outbox[-1].body
    client = Client()
    form_page = client.get(reset_link(), follow=True)
    path = form_page.request["PATH_INFO"]
    assert client.post(path, {"password1": "12345", "password2": "12345"}).status_code == 200
    new = "korrekt-horse-battery"
    assert client.post(path, {"password1": new, "password2": new}).status_code == 302
    assert sign_in(rep.email, new)[1].status_code == 302
    assert elsewhere.get("/me/").status_code == 302, "what was signed in with the old one is signed out"
    assert kicked == [rep.pk]
    assert "was changed" in mail.outbox[-1].subject
    assert b"This link is over" in Client().get(reset_link_of(mail.outbox), follow=True).content


def reset_link_of(messages: list[Any]) -> str:
    text = "\n".join(str(message.body) for message in messages)
    found = re.search(r"http://testserver(/accounts/password/reset/key/\S+)", text)
    assert found
    return found[1]


def test_a_reset_tells_nobody_who_has_an_account(person: Person) -> None:
    """The request does the same for every address: it queues one task, and answers."""
    rep, gone = person(), person(is_active=False)
    app.conf.task_always_eager = False
    answers = []
    with app.connection_for_write() as connection, connection.SimpleQueue("chat") as queue:
        for email in (rep.email, gone.email, "nobody@example.com"):
            answer = Client().post("/accounts/password/reset/", {"email": email})
            answers.append((answer.status_code, answer["Location"]))
            message = queue.get(timeout=5)
            message.ack()
            assert message.headers["task"] == "sales_app.people.send_reset"
    assert len(set(answers)) == 1
    assert not mail.outbox


def test_only_whoever_can_sign_in_gets_a_link(person: Person) -> None:
    rep, gone = person(), person(is_active=False)
    for email in (gone.email, "nobody@example.com", rep.email):
        Client().post("/accounts/password/reset/", {"email": email})
    assert [message.to for message in mail.outbox] == [[rep.email]]


def test_a_changed_password_keeps_this_browser_and_ends_the_others(person: Person) -> None:
    rep = person()
    here, elsewhere = sign_in(rep.email)[0], sign_in(rep.email)[0]
    new = "korrekt-horse-battery"
    form = {"oldpassword": PASSWORD, "password1": new, "password2": new}
    assert here.post("/accounts/password/change/", {**form, "oldpassword": "wrong"}).status_code == 200
    assert here.post("/accounts/password/change/", form).status_code == 302
    assert here.get("/me/").status_code == 200
    assert elsewhere.get("/me/").status_code == 302
    [notice] = mail.outbox
    assert notice.to == [rep.email] and "If that was you" in notice.body


def confirmed(client: Client, path: str) -> Any:
    """The page at ``path``, which first asks for the password again: a browser left open is not its owner."""
    asked = client.get(path)
    assert asked["Location"].startswith("/accounts/reauthenticate/")
    assert b"Confirm that it is you" in client.get(asked["Location"]).content
    assert client.post(asked["Location"], {"password": "wrong"}).status_code == 200
    return client.post(asked["Location"], {"password": PASSWORD}, follow=True)


def test_the_second_step(person: Person, django_capture_on_commit_callbacks: Any) -> None:
    rep = person()
    client, _ = sign_in(rep.email)
    page = confirmed(client, "/accounts/2fa/totp/activate/")
    assert b"data:image/svg+xml" in page.content and b"<script>" not in page.content
    secret = page.context["form"].secret
    wrong = client.post("/accounts/2fa/totp/activate/", {"code": "000000"})
    assert wrong.status_code == 200 and b'role="alert"' in wrong.content
    secret = wrong.context["form"].secret
    with django_capture_on_commit_callbacks(execute=True):
        assert client.post("/accounts/2fa/totp/activate/", {"code": code(secret)}).status_code == 302
    assert "is on" in mail.outbox[-1].subject
    codes = client.get("/accounts/2fa/recovery-codes/").context["unused_codes"]
    assert len(codes) == 10

    again, answer = sign_in(rep.email)
    assert answer["Location"].startswith("/accounts/2fa/authenticate/")
    assert again.get("/me/").status_code == 302, "the password alone opens nothing"
    assert again.get("/accounts/2fa/authenticate/").status_code == 200
    assert again.post("/accounts/2fa/authenticate/", {"code": "000000"}).status_code == 200
    assert again.post("/accounts/2fa/authenticate/", {"code": codes[0]}).status_code == 302
    assert again.get("/me/").status_code == 200

    third, _ = sign_in(rep.email)
    assert third.post("/accounts/2fa/authenticate/", {"code": codes[0]}).status_code == 200, "works once"
    assert third.get("/me/").status_code == 302


def test_the_second_step_can_be_turned_off_and_says_so(person: Person) -> None:
    rep = person()
    client, _ = sign_in(rep.email)
    secret = confirmed(client, "/accounts/2fa/totp/activate/").context["form"].secret
    client.post("/accounts/2fa/totp/activate/", {"code": code(secret)})
    assert client.get("/accounts/2fa/totp/deactivate/").status_code == 200
    assert client.post("/accounts/2fa/totp/deactivate/").status_code == 302
    assert not Authenticator.objects.exists()
    assert "turned off" in mail.outbox[-1].subject


@pytest.mark.parametrize(
    "path",
    [
        "/accounts/password/change/",
        "/accounts/2fa/",
        "/accounts/2fa/webauthn/",
        "/accounts/2fa/webauthn/add/",
        "/accounts/2fa/totp/activate/",
        "/accounts/reauthenticate/",
        "/accounts/logout/",
        "/me/",
        "/team/",
    ],
)
def test_no_page_needs_what_the_policy_forbids(person: Person, path: str) -> None:
    client, _ = sign_in(person().email)
    answer = client.get(path, follow=True)
    assert answer.status_code == 200
    policy = answer["Content-Security-Policy"]
    assert "unsafe" not in policy
    text = answer.content.decode()
    # Data in a script element of type application/json is not run, hence not forbidden.
    assert not re.search(r"<script(?![^>]*\bsrc=)(?![^>]*application/json)", text)
    assert not re.search(r"<[^>]+\s(style|on[a-z]+)=", text)


def test_too_many_resets_are_told_to_wait(person: Person) -> None:
    rep = person()
    answers = [Client().post("/accounts/password/reset/", {"email": rep.email}) for _ in range(6)]
    assert [answer.status_code for answer in answers] == [302] * 5 + [429]
    assert b"Wait some minutes" in answers[-1].content
    assert len(mail.outbox) == 5


@pytest.mark.parametrize("status", ["403", "403_csrf", "404", "429", "500"])
def test_the_pages_of_errors_need_nothing_that_may_be_broken(status: str) -> None:
    """No request, no user, no database: an error page is made where these may be missing."""
    assert "To the start" in (text := render_to_string(f"{status}.html")) or "Sign in" in text

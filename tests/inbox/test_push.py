"""Notices on devices: real encryption, to a push service of the test; whom they reach, and what is never called."""

import json
import os
import stat
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from threading import Barrier, Thread
from typing import Any

import pytest
import requests
from asgiref.sync import sync_to_async
from django.db import connection
from django.utils import timezone

from config import secret
from sales_app.inbox import tasks
from sales_app.inbox.models import Device, Notice, NoticeWish, Push
from sales_app.inbox.preferences import label_of
from sales_app.inbox.push import hosts, keys, outbound
from sales_app.inbox.push.devices import PER_PERSON, BadSubscription, subscribe
from sales_app.inbox.push.sending import AGAIN_AFTER, TRIES, push_due
from sessions_app.control.answer import Reply
from sessions_app.control.answer import answer as decide
from sessions_app.control.people import remove
from sessions_app.control.send import send_input
from sessions_app.live.reads import read_up_to
from sessions_app.runs import dispatch
from sessions_app.session.models import Session
from tests.control.world import Worker
from tests.inbox.conftest import answer, ask, fail
from tests.inbox.receiver import Browser, Service, running, sender
from tests.live.conftest import Person, Served, open_tab

do = sync_to_async(thread_sensitive=False)
QUIET = timedelta(seconds=120)


@pytest.fixture
def service(settings: Any) -> Iterator[Service]:
    settings.CLEWLINE_PUSH_KEY = secret.new_push_key()
    with running() as made:
        settings.CLEWLINE_PUSH_HOSTS = [made.url]
        yield made


@pytest.fixture
def phone(service: Service, ann: Person) -> Browser:
    made = service.browser("ann-phone")
    subscribe(ann.user, made.subscription, "Phone")
    return made


def now() -> Any:
    return timezone.now() + timedelta(seconds=1)


def test_sent_encrypted_signed_and_without_what_was_said(
    session: Session, ann: Person, service: Service, phone: Browser, settings: Any
) -> None:
    settings.DEFAULT_FROM_EMAIL = "Clewline <clew@example.com>"
    answer(session, ann, "What of the zebra?")
    assert push_due(now()) == 1
    assert phone.news == [
        {
            "title": "An answer is ready",
            "body": "Talk",
            "url": f"/chat/{session.pk}/",
            "tag": f"{session.pk}:answer",
        }
    ]
    ((path, headers),) = service.requests
    assert path == "/push/ann-phone"
    assert (headers["content-encoding"], int(headers["ttl"])) == ("aes128gcm", 43200)
    claims, key = sender(headers)
    assert key == keys.public_key()
    assert (claims["aud"], claims["sub"]) == (service.url, "mailto:clew@example.com")
    assert 0 < claims["exp"] - timezone.now().timestamp() <= 86400
    assert b"answer" not in service.bodies[0] and b"Talk" not in service.bodies[0]
    assert Push.objects.count() == 0
    assert push_due(now() + timedelta(days=1)) == 0


def test_on_each_device_of_each_person(
    session: Session, ann: Person, bob: Person, service: Service, phone: Browser
) -> None:
    laptop, bobs = service.browser("ann-laptop"), service.browser("bob")
    subscribe(ann.user, laptop.subscription)
    subscribe(bob.user, bobs.subscription)
    (asked,) = ask(session, ann, who="owner")
    assert push_due(now()) == 2
    assert [len(each.news) for each in (phone, laptop, bobs)] == [1, 1, 0]
    assert phone.news[0]["title"] == "Your approval is wanted"
    assert asked.title not in json.dumps(phone.news)
    fail(ann.session(), ann)
    assert push_due(now()) == 2
    assert phone.news[1]["title"] == "An answer failed"


def test_kinds_and_ways_that_somebody_does_not_want(session: Session, ann: Person, phone: Browser) -> None:
    NoticeWish.objects.create(user=ann.user, kind="answer", push=False)
    answer(session, ann)
    fail(session, ann, "Again")
    assert push_due(now()) == 1
    assert [each["title"] for each in phone.news] == ["An answer failed"]


def test_mail_of_a_kind_that_is_not_wanted(
    session: Session, ann: Person, bob: Person, mailoutbox: list[Any]
) -> None:
    NoticeWish.objects.create(user=ann.user, kind="answer", mail=False)
    answer(session, ann)
    fail(ann.session(), ann)
    tasks.mailing.mail_due(timezone.now() + QUIET)
    assert sorted((mail.to[0], mail.subject) for mail in mailoutbox) == [
        (ann.user.email, "An answer failed: Talk"),
        (bob.user.email, "An answer is ready: Talk"),
    ]


@pytest.mark.parametrize("how", ["read", "decided", "removed", "inactive"])
def test_what_needs_no_telling_any_more(
    session: Session, ann: Person, bob: Person, service: Service, how: str
) -> None:
    bobs = service.browser("bob")
    subscribe(bob.user, bobs.subscription)
    (asked,) = ask(session, ann)
    if how == "read":
        read_up_to(str(session.pk), bob.actor, 10**9)
    elif how == "decided":
        reply = Reply(id=str(asked.pk), decision="deny", hash=asked.args_hash)
        decide(session_id=str(session.pk), actor=ann.actor, replies=[reply])
    elif how == "removed":
        remove(session_id=str(session.pk), by=ann.actor, actor=bob.actor)
    else:
        type(bob.user).objects.filter(pk=bob.user.pk).update(is_active=False)
    assert push_due(now()) == 0
    assert (bobs.news, Push.objects.count()) == ([], 0)


async def test_nothing_while_the_person_looks(
    server: Served, session: Session, ann: Person, service: Service, phone: Browser
) -> None:
    await do(ask)(session, ann, who="owner")
    at = now()
    async with open_tab(server, ann.cookie) as tab:
        await tab.follow(session)
        await tab.until("presence")
        assert await do(push_due)(at) == 0
    assert phone.news == []
    assert await do(push_due)(at + QUIET / 2) == 0, "put off"
    assert await do(push_due)(at + QUIET) == 1
    assert len(phone.news) == 1


@pytest.mark.parametrize("status", [404, 410])
def test_a_subscription_that_is_gone_is_dropped(
    session: Session, ann: Person, service: Service, phone: Browser, status: int
) -> None:
    answer(session, ann)
    service.answers = [status]
    assert push_due(now()) == 0
    assert (Device.objects.count(), Push.objects.count()) == (0, 0)


@pytest.mark.parametrize("status", [429, 500, 503])
def test_tried_again_later_and_not_for_ever(
    session: Session, ann: Person, service: Service, phone: Browser, status: int
) -> None:
    answer(session, ann)
    at = now()
    service.answers = [status]
    assert push_due(at) == 0
    assert push_due(at + AGAIN_AFTER / 2) == 0 and len(service.requests) == 1
    assert push_due(at + AGAIN_AFTER) == 1
    answer(session, ann, "Again")
    service.answers = [status] * (TRIES + 1)
    for n in range(TRIES + 2):
        push_due(at + timedelta(hours=n + 1))
    assert len(service.requests) == 2 + TRIES
    assert (Push.objects.count(), Device.objects.count()) == (0, 1)


@pytest.mark.parametrize("status", [400, 401, 403, 413, 302, 307])
def test_what_is_refused_is_not_sent_again_or_elsewhere(
    session: Session, ann: Person, service: Service, phone: Browser, status: int
) -> None:
    answer(session, ann)
    service.answers = [status]
    assert push_due(now()) == 0
    assert push_due(now() + timedelta(hours=1)) == 0
    assert [path for path, _ in service.requests] == ["/push/ann-phone"], "no redirect is followed"
    assert (Push.objects.count(), Device.objects.count()) == (0, 1)


def test_a_service_that_is_away_is_tried_again(
    session: Session, ann: Person, service: Service, phone: Browser, settings: Any
) -> None:
    answer(session, ann)
    at = now()
    gone = "http://127.0.0.1:9"
    settings.CLEWLINE_PUSH_HOSTS = [service.url, gone]
    endpoint = phone.subscription["endpoint"]
    Device.objects.update(endpoint=f"{gone}/push/ann-phone")
    assert push_due(at) == 0
    Device.objects.update(endpoint=endpoint)
    assert push_due(at + AGAIN_AFTER) == 1


def test_of_two_workers_one_sends_it(session: Session, ann: Person, phone: Browser) -> None:
    answer(session, ann)
    at, sent, barrier = now(), list[int](), Barrier(4)

    def one() -> None:
        try:
            barrier.wait(10)
            sent.append(push_due(at))
        finally:
            connection.close()

    threads = [Thread(target=one) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert (sum(sent), len(sent), len(phone.news)) == (1, 4, 1)


def test_a_worker_that_died_while_sending_is_replaced(
    session: Session, ann: Person, phone: Browser, monkeypatch: Any
) -> None:
    answer(session, ann)
    at = now()
    monkeypatch.setattr(
        "sales_app.inbox.push.sending.webpush", lambda *a, **k: (_ for _ in ()).throw(KeyboardInterrupt)
    )
    with pytest.raises(KeyboardInterrupt):
        push_due(at)
    monkeypatch.undo()
    assert push_due(at) == 0, "it may still be at work"
    assert push_due(at + AGAIN_AFTER) == 1
    assert len(phone.news) == 1


def test_a_brief_is_told_as_one(ann: Person, phone: Browser) -> None:
    dispatch.on_wake(lambda run_id, queue: None)
    session = ann.session()
    sent = send_input(
        session_id=str(session.pk), actor=ann.actor, client_id="m", text="/morning-brief", queue="scheduled"
    )
    worker = Worker(sent.run_id)
    worker.say("Good morning")
    worker.finish()
    assert Notice.objects.get().kind == "brief"
    push_due(now())
    assert phone.news[0]["title"] == "Prepared for you"
    assert "What was prepared for you is ready" in ann.client.get("/inbox/").content.decode()


# Subscribing.


def test_subscribing_through_the_page(ann: Person, bob: Person, service: Service) -> None:
    agent = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
    browser = service.browser("one")

    def post(who: Person, body: Any) -> Any:
        data = body if isinstance(body, str) else json.dumps(body)
        return who.client.post(
            "/me/devices/", data, content_type="application/json", headers={"User-Agent": agent}
        )

    first = post(ann, browser.subscription)
    assert first.json()["label"] == "Firefox on Linux"
    assert post(ann, browser.subscription).json()["id"] == first.json()["id"]
    page = ann.client.get("/me/notices/").content.decode()
    assert "Firefox on Linux" in page and f'data-key="{keys.public_key()}"' in page
    assert bob.client.post(f"/me/devices/{first.json()['id']}/forget/").status_code == 302
    assert Device.objects.get().user == ann.user, "another's device stays"
    assert post(bob, browser.subscription).status_code == 200
    assert Device.objects.get().user == bob.user, "whoever sits at it now"
    assert bob.client.post(f"/me/devices/{Device.objects.get().pk}/forget/").status_code == 302
    assert Device.objects.count() == 0
    for bad in ("", "[]", "{}", '"x"', json.dumps(browser.subscription | {"keys": {}}), "x" * 9000):
        refused = post(ann, bad)
        assert (refused.status_code, refused.json()["error"]["code"]) == (400, "bad_subscription")
    refused = post(ann, browser.subscription | {"endpoint": "https://example.com/push/1"})
    assert refused.json()["error"]["code"] == "unknown_push_service"
    assert ann.client.get("/me/devices/").status_code == 405


def test_what_moves_to_another_person_tells_them_nothing_old(
    session: Session, ann: Person, bob: Person, phone: Browser
) -> None:
    ask(session, ann, who="owner")
    subscribe(bob.user, phone.subscription)
    assert push_due(now()) == 0
    assert phone.news == []


@pytest.mark.parametrize(
    "keys_",
    [
        {"p256dh": "AAAA"},
        {"p256dh": "B" * 87},
        {"auth": "AAAA"},
        {"auth": 5},
        {"p256dh": "é"},
        {"auth": "!!"},
    ],
    ids=["short", "no-point", "short-secret", "number", "letters", "signs"],
)
def test_keys_that_nothing_could_be_encrypted_for(
    ann: Person, service: Service, keys_: dict[str, Any]
) -> None:
    made = service.browser("x").subscription
    with pytest.raises(BadSubscription):
        subscribe(ann.user, made | {"keys": made["keys"] | keys_})


def test_so_many_devices_and_the_oldest_goes(ann: Person, service: Service) -> None:
    for n in range(PER_PERSON + 2):
        subscribe(ann.user, service.browser(f"b{n}").subscription, f"b{n}")
    labels = set(Device.objects.values_list("label", flat=True))
    assert len(labels) == PER_PERSON and {"b0", "b1"}.isdisjoint(labels)


# Where it may lead.


@pytest.mark.parametrize(
    "endpoint",
    [
        "https://example.com/x",
        "http://fcm.googleapis.com/x",
        "https://fcm.googleapis.com:8443/x",
        "https://fcm.googleapis.com@evil.example/x",
        "https://user@fcm.googleapis.com/x",
        "https://fcm.googleapis.com.evil.example/x",
        "https://push.apple.com/x",
        "https://evilpush.apple.com/x",
        "https://127.0.0.1/x",
        "https://[::1]/x",
        "https://fcm.googleapis.com:x/",
        "file:///etc/passwd",
        "",
    ],
)
def test_addresses_that_are_not_called(ann: Person, settings: Any, endpoint: str) -> None:
    settings.CLEWLINE_PUSH_HOSTS = ["fcm.googleapis.com", "*.push.apple.com"]
    with pytest.raises(hosts.NotAllowed):
        hosts.checked(endpoint)


def test_addresses_that_are(settings: Any) -> None:
    settings.CLEWLINE_PUSH_HOSTS = ["fcm.googleapis.com", "*.push.apple.com", "http://127.0.0.1:81"]
    for endpoint in (
        "https://fcm.googleapis.com/fcm/send/x",
        "https://web.push.apple.com:443/x",
        "http://127.0.0.1:81/x",
    ):
        assert hosts.checked(endpoint)
    for other in ("http://127.0.0.1:82/x", "https://127.0.0.1:81/x", "http://a@127.0.0.1:81/x"):
        with pytest.raises(hosts.NotAllowed):
            hosts.checked(other)


@pytest.mark.parametrize(
    "addresses",
    [
        ["127.0.0.1"],
        ["10.1.2.3"],
        ["169.254.169.254"],
        ["93.184.215.14", "192.168.0.1"],
        ["::1"],
        ["::ffff:127.0.0.1"],
        ["fd00::1"],
        ["100.64.0.1"],
        ["0.0.0.0"],
    ],
    ids=lambda each: each[-1],
)
def test_a_known_name_that_leads_inside_is_not_connected_to(
    session: Session,
    ann: Person,
    settings: Any,
    service: Service,
    phone: Browser,
    monkeypatch: Any,
    addresses: list[str],
) -> None:
    settings.CLEWLINE_PUSH_HOSTS = ["push.example"]
    Device.objects.update(endpoint="https://push.example/push/ann-phone")
    called = list[Any]()
    found = [(2, 1, 6, "", (each, 443)) for each in addresses]
    monkeypatch.setattr(hosts.socket, "getaddrinfo", lambda *a, **k: found)
    monkeypatch.setattr(outbound.socket, "create_connection", lambda *a, **k: called.append(a))
    answer(session, ann)
    assert push_due(now()) == 0
    assert called == []
    with pytest.raises(hosts.NotAllowed):
        hosts.address_of("push.example", 443, private=False)


def test_the_address_that_was_checked_is_the_one_that_is_used(monkeypatch: Any) -> None:
    """A name that is answered with a public address once and with a private one after that."""
    asked, called = iter([["93.184.215.14"], ["127.0.0.1"]]), list[Any]()

    def connect(address: Any, **_: Any) -> Any:
        called.append(address)
        raise ConnectionRefusedError

    monkeypatch.setattr(
        hosts.socket, "getaddrinfo", lambda *a, **k: [(2, 1, 6, "", (each, 443)) for each in next(asked)]
    )
    monkeypatch.setattr(outbound.socket, "create_connection", connect)
    with outbound.session(own=False) as made, pytest.raises(requests.ConnectionError):
        made.post("https://push.example/x", data=b"", timeout=1)
    assert called == [("93.184.215.14", 443)]


def test_only_https_unless_it_is_an_own_origin() -> None:
    with outbound.session(own=False) as made, pytest.raises(requests.exceptions.InvalidSchema):
        made.post("http://127.0.0.1:1/x")


# The key, the worker, the schedule.


def test_the_key_is_made_once_and_kept_to_oneself(tmp_path: Path, settings: Any) -> None:
    path = tmp_path / "push_key"
    first = secret.kept_in(path, secret.new_push_key)
    assert secret.kept_in(path, secret.new_push_key) == first
    assert stat.S_IMODE(os.stat(path).st_mode) == 0o600
    settings.CLEWLINE_PUSH_KEY = first
    assert len(keys.public_key()) == 87


def test_without_a_key_nothing_is_offered(
    session: Session, ann: Person, phone: Browser, settings: Any
) -> None:
    settings.CLEWLINE_PUSH_KEY = ""
    answer(session, ann)
    assert push_due(now()) == 0 and phone.news == []
    page = ann.client.get("/me/notices/").content.decode()
    assert "data-push" not in page and "not set up here" in page


def test_the_service_worker_comes_from_the_root(client: Any) -> None:
    served = client.get("/service-worker.js")
    assert served.headers["Content-Type"].startswith("text/javascript")
    assert (served.headers["Service-Worker-Allowed"], served.headers["Cache-Control"]) == ("/", "no-cache")
    assert b"showNotification" in served.content


def test_preferences_are_kept(ann: Person) -> None:
    page = ann.client.get("/me/notices/")
    assert page.content.count(b'type="checkbox"') == 2 + 2 * 8
    form = {
        "brief_at": "06:30",
        "call_prep": "on",
        "lead_minutes": "30",
        "mail_answer": "on",
        "push_brief": "on",
    }
    assert ann.client.post("/me/notices/", form).status_code == 302
    schedule = ann.user.schedule
    assert (schedule.brief, schedule.call_prep, schedule.lead_minutes) == (False, True, 30)
    wishes = {each.kind: (each.mail, each.push) for each in NoticeWish.objects.filter(user=ann.user)}
    assert wishes["answer"] == (True, False) and wishes["brief"] == (False, True) and len(wishes) == 8
    for wrong in ({"brief_at": "11:01"}, {"lead_minutes": "5"}, {"brief_at": ""}):
        refused = ann.client.post("/me/notices/", form | wrong)
        assert refused.status_code == 400 and b"Not saved yet" in refused.content
    assert type(schedule).objects.get().lead_minutes == 30


@pytest.mark.parametrize(
    ("agent", "label"),
    [
        (
            "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605 Version/18 Safari/604",
            "Safari on iPhone",
        ),
        (
            "Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/140 Safari/537.36 Edg/140",
            "Edge on Windows",
        ),
        (
            "Mozilla/5.0 (Linux; Android 15) AppleWebKit/537.36 Chrome/140 Mobile Safari/537.36",
            "Chrome on Android",
        ),
        ("curl", "Browser"),
    ],
)
def test_what_a_device_is_called(agent: str, label: str) -> None:
    assert label_of(agent) == label


def test_the_scheduler_knows_it(settings: Any) -> None:
    assert tasks.push_due.name in {entry["task"] for entry in settings.CELERY_BEAT_SCHEDULE.values()}

"""The chat pages and the inspector: what they show, to whom, and what happens to a refused text."""

import json
import re
import uuid
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from html import unescape
from threading import Barrier
from types import SimpleNamespace
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Permission
from django.db import connection
from django.test import Client
from django.utils import timezone

from sessions_app.control.manage import archive
from sessions_app.control.send import send_input
from sessions_app.runs import agents as registry
from sessions_app.runs.models import Run, Step
from sessions_app.session import subjects
from sessions_app.session.access import name_of
from sessions_app.session.models import Inspection, Session
from sessions_app.session.names import called, names_of
from sessions_app.session.sessions import create_session
from sessions_app.session.subjects import Subject
from sessions_app.views.pages.cost import cost_words

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def installed(monkeypatch: pytest.MonkeyPatch) -> None:
    """One agent and one kind of subject, which only Mia may see."""
    agent = SimpleNamespace(
        name="sales", title="Sales copilot", examples=lambda subject: ["Which deals close soon?"]
    )
    monkeypatch.setattr(registry, "_agents", {"sales": agent})
    acme = Subject(kind="account", id="42", label="Acme Ltd", url="/accounts/42/")
    allowed = {"account": lambda id, user: acme if id == "42" and user.first_name == "Mia" else None}
    monkeypatch.setattr(subjects, "_resolvers", allowed)


def person(name: str, **rights: Any) -> Any:
    return get_user_model().objects.create_user(
        f"{name}@example.com", None, first_name=name.title(), **rights
    )


@pytest.fixture
def mia() -> Any:
    return person("mia")


@pytest.fixture
def hers(mia: Any, client: Client) -> Client:
    client.force_login(mia)
    return client


def chat_of(user: Any, title: str = "Renewal", text: str | None = None) -> Session:
    session = create_session(actor=f"user:{user.pk}", name=user.first_name, agent="sales", title=title)
    if text:
        send_input(session_id=str(session.pk), actor=f"user:{user.pk}", client_id=uuid.uuid4().hex, text=text)
    return session


def data(response: Any) -> Any:
    found = re.search(
        r'<script id="chat-data" type="application/json">(.*?)</script>', response.content.decode()
    )
    assert found
    return json.loads(found[1])


def new(client: Client, **values: str) -> Any:
    return client.post("/chat/new/", values, headers={"accept": "application/json"})


def test_signed_out_readers_are_asked_to_sign_in_and_scripts_are_told(client: Client) -> None:
    for path in ("/chat/", "/chat/new/", "/chat/search/", f"/chat/{uuid.uuid4()}/", "/inspect/"):
        response = client.get(path)
        assert response.status_code == 302, path
        assert response["Location"].startswith("/accounts/login/?next=/")
    answer = new(client, text="Hello")
    assert answer.status_code == 401
    assert answer.json()["error"]["code"] == "signed_out"


def test_the_first_message_makes_the_chat_once(hers: Client, mia: Any) -> None:
    first = new(hers, text="Which deals close this month?", id="a1")
    again = new(hers, text="Which deals close this month?", id="a1")
    assert first.status_code == 201
    assert first.json() == again.json()
    session = Session.objects.get()
    assert session.title == "Which deals close this month"
    assert session.created_by == f"user:{mia.pk}"
    page = hers.get(first.json()["url"])
    assert [item["text"] for item in data(page)["view"]["items"]] == ["Which deals close this month?"]


@pytest.mark.django_db(transaction=True)
def test_a_first_message_sent_twice_at_once_makes_one_chat(hers: Client) -> None:
    together = Barrier(2)

    def send() -> str:
        try:
            browser = Client()
            browser.cookies = hers.cookies
            together.wait(10)
            return str(new(browser, text="Hello", id="twice").json()["url"])
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as threads:
        urls = {each.result() for each in [threads.submit(send) for _ in range(2)]}
    assert urls == {f"/chat/{Session.objects.get().pk}/"}
    assert Run.objects.count() == 1


def test_a_browser_without_scripts_is_sent_to_the_chat(hers: Client) -> None:
    response = hers.post("/chat/new/", {"text": "Hello"})
    assert response["Location"] == f"/chat/{Session.objects.get().pk}/"


@pytest.mark.parametrize(
    ("values", "code", "status"),
    [
        ({"text": "   "}, "text_empty", 400),
        ({"text": "x" * 20_001}, "text_too_long", 400),
        ({"text": "Hello", "agent": "nobody"}, "unknown_agent", None),
        ({"text": "Hello", "subject": "account:43"}, "unknown_subject", 404),
        ({"text": "Hello", "subject": "rubbish"}, "unknown_subject", 404),
    ],
)
def test_what_is_refused_says_why_and_leaves_nothing_behind(
    hers: Client, values: dict[str, str], code: str, status: int | None
) -> None:
    answer = new(hers, **values)
    assert answer.json()["error"]["code"] == code
    assert status is None or answer.status_code == status
    assert Session.objects.count() == 0
    page = hers.post("/chat/new/", values)
    assert page.status_code == answer.status_code
    assert f"<code>{code}</code>" in page.content.decode()
    if values["text"].strip():
        assert f">{values['text']}</textarea>" in page.content.decode()


def test_a_chat_about_an_account_begins_with_it(hers: Client) -> None:
    page = hers.get("/chat/new/?subject=account:42").content.decode()
    assert "Ask about Acme Ltd" in page
    assert "Which deals close soon?" in page
    url = new(hers, text="", subject="account:42").json()["url"]
    chat = hers.get(url)
    assert '<a class="chat-subject" href="/accounts/42/">' in chat.content.decode()
    assert data(chat)["view"]["session"]["subject"]["label"] == "Acme Ltd"


def test_somebody_elses_subject_is_unknown(client: Client) -> None:
    client.force_login(person("ola"))
    assert new(client, text="Hello", subject="account:42").status_code == 404


def test_foreign_and_missing_chats_look_alike(hers: Client) -> None:
    foreign = chat_of(person("ola"), "Secret plan", "Nobody must read this")
    answers = {hers.get(f"/chat/{pk}/").status_code for pk in (foreign.pk, uuid.uuid4())}
    assert answers == {404}
    for action in ("rename", "archive"):
        assert (
            hers.post(f"/chat/{foreign.pk}/{action}/", {"title": "Mine", "archived": "1"}).status_code == 404
        )
    assert "Secret" not in hers.get("/chat/").content.decode()
    assert "Secret" not in hers.get("/chat/search/?q=must").content.decode()
    foreign.refresh_from_db()
    assert (foreign.title, foreign.archived_at) == ("Secret plan", None)


def test_search_finds_names_and_words(hers: Client, mia: Any) -> None:
    chat_of(mia, "Renewal of Acme", "What did Dana say about the price?")
    chat_of(mia, "Holiday cover")
    for query, hits in {"renewal": 1, "dana price": 1, "HOLIDAY": 1, "": 2, "100%": 0}.items():
        found = hers.get("/chat/search/", {"q": query}).content.decode()
        assert found.count("<li data-session") == hits, query
        assert "<html" not in found
    assert "“100%”" in hers.get("/chat/search/", {"q": "100%"}).content.decode()


def test_rename_and_archive(hers: Client, mia: Any) -> None:
    session = chat_of(mia)
    hers.post(f"/chat/{session.pk}/rename/", {"title": "  Second   year "})
    hers.post(f"/chat/{session.pk}/rename/", {"title": "  "})
    hers.post(f"/chat/{session.pk}/archive/", {"archived": "1"})
    page = hers.get(f"/chat/{session.pk}/")
    assert (
        data(page)["view"]["session"] | {"title": "Second year", "archived": True}
        == data(page)["view"]["session"]
    )
    assert str(session.pk) not in hers.get("/chat/").content.decode()
    assert str(session.pk) in hers.get("/chat/?archived=1").content.decode()
    hers.post(f"/chat/{session.pk}/archive/", {"archived": "0"})
    assert str(session.pk) in hers.get("/chat/").content.decode()


def test_markup_in_titles_and_texts_is_text(hers: Client, mia: Any) -> None:
    evil = '</script><script>alert(1)</script><img src=x onerror="alert(1)">'
    session = chat_of(mia, evil, evil)
    for path in (f"/chat/{session.pk}/", "/chat/", f"/chat/search/?q={evil[:8]}"):
        body = hers.get(path).content.decode()
        assert "<script>alert" not in body
        assert "<img src=x" not in body
    assert data(hers.get(f"/chat/{session.pk}/"))["view"]["items"][0]["text"] == evil
    assert evil in unescape(hers.get("/chat/").content.decode())


@pytest.fixture
def inspectors(client: Client) -> Client:
    auditor = person("ada")
    auditor.user_permissions.add(Permission.objects.get(codename="inspect_session"))
    client.force_login(auditor)
    return client


def test_the_inspector_is_for_those_who_may(hers: Client, mia: Any) -> None:
    session = chat_of(mia)
    assert hers.get("/inspect/").status_code == 403
    assert hers.get(f"/inspect/{session.pk}/").status_code == 403
    assert Inspection.objects.count() == 0


def test_each_reading_is_recorded(inspectors: Client, mia: Any) -> None:
    session = chat_of(mia, text="Hello")
    run = Run.objects.get()
    step = Step.objects.create(
        run=run, index=0, kind="model", name="answer", attempt=1, output={"prompt": "<private>"}, end_offset=4,
        started_at=timezone.now(),
    )  # fmt: skip
    page = inspectors.get(f"/inspect/{session.pk}/?at=2").content.decode()
    assert "<b>2</b> of" in page
    assert "Nothing was said yet" in page
    assert "private&gt;" not in page
    output = inspectors.get(f"/inspect/{session.pk}/steps/{step.pk}/")
    assert "&lt;private&gt;" in output.content.decode()
    read = Inspection.objects.order_by("pk").values_list("session_id", "at_offset")
    assert list(read) == [(session.pk, 2), (session.pk, 4)]


def test_replay_shows_every_offset(inspectors: Client, mia: Any) -> None:
    session = chat_of(mia, text="Hello there")
    head = session.stream.__class__.objects.get(pk=session.stream_id).head
    seen = [
        "Hello there</div>" in inspectors.get(f"/inspect/{session.pk}/?at={n}").content.decode()
        for n in range(head + 1)
    ]
    assert [seen[2], seen[3], seen[-1]] == [False, True, True]
    for odd in ("-5", "99999", "x", ""):
        assert inspectors.get(f"/inspect/{session.pk}/?at={odd}").status_code == 200


def test_the_inspector_lists_everybody(inspectors: Client, mia: Any) -> None:
    archive(str(chat_of(mia, "Renewal").pk), f"user:{mia.pk}", True)
    chat_of(person("ola"), "Pipeline")
    for query, hits in {"": 2, "ola": 1, "renew": 1, "zzz": 0}.items():
        assert inspectors.get("/inspect/", {"q": query}).content.decode().count('<a href="/inspect/') == hits


def test_the_inspector_names_people_and_says_cost_in_words(inspectors: Client, mia: Any) -> None:
    session = chat_of(mia, text="Hello")
    run = Run.objects.get()
    for number, cost in enumerate(("0.0004", "0", None)):
        Step.objects.create(
            run=run, index=number, kind="model", name="answer", attempt=1, output={}, end_offset=4, cost=cost,
            started_at=timezone.now(),
        )  # fmt: skip
    page = inspectors.get(f"/inspect/{session.pk}/").content.decode()
    assert f'<b><span title="user:{mia.pk}">{name_of(mia)}</span></b>' in page
    assert f'for <span title="user:{mia.pk}">{name_of(mia)}</span>' in page
    assert f">user:{mia.pk}<" not in page
    assert "<dd>less than $0.01</dd>" in page and "$0.00<" in page and "0.0004" not in page
    assert '<td class="number">less than $0.01</td>' in inspectors.get("/inspect/").content.decode()


@pytest.mark.parametrize(
    ("amount", "words"),
    [(None, ""), ("0", "$0.00"), ("0.0099", "less than $0.01"), ("0.01", "$0.01"), ("1234.5", "$1,234.50")],
)
def test_cost_in_words(amount: str | None, words: str) -> None:
    assert cost_words(None if amount is None else Decimal(amount)) == words


def test_who_is_in_neither_table_stays_what_it_is(mia: Any) -> None:
    names = names_of([f"user:{mia.pk}", "user:999999", "system", "guest:x"])
    assert names == {f"user:{mia.pk}": name_of(mia), "system": "Clewline"}
    assert called("guest:x", names) == "guest:x"


def test_an_error_page_has_the_navigation_for_who_is_signed_in(hers: Client) -> None:
    for path, status in (("/nothing/here/", 404), ("/inspect/", 403)):
        page = hers.get(path)
        assert page.status_code == status
        assert b'aria-label="Main"' in page.content and b'href="/chat/"' in page.content
    page = Client().get("/nothing/here/")
    assert page.status_code == 404 and b"<nav" not in page.content and b"Not found" in page.content


@pytest.mark.parametrize("page", ["session", "run", "input", "inspection"])
def test_the_lists_of_the_admin_name_people(client: Client, mia: Any, page: str) -> None:
    session = chat_of(mia, text="Hello")
    reader = get_user_model().objects.create_superuser("root@example.com", "x" * 12, first_name="Rosa")
    Inspection.objects.create(session=session, actor=f"user:{reader.pk}")
    client.force_login(reader)
    listed = client.get(f"/admin/sessions_app/{page}/")
    shown = "Rosa" if page == "inspection" else name_of(mia)
    assert listed.status_code == 200
    cells = re.findall(r"<t[dh][^>]*>(.*?)</t[dh]>", listed.content.decode(), re.DOTALL)
    words = [re.sub(r"<[^>]+>", "", cell).strip() for cell in cells]
    assert shown in words and not any(word.startswith("user:") for word in words)


def test_the_admin_shows_no_words_of_a_run(client: Client, mia: Any) -> None:
    """They are read in the inspector, where each reading is recorded."""
    session = chat_of(mia, text="Hello")
    options = {"task": "confidential task"}
    run = Run.objects.create(
        session=session,
        agent="nobody",
        requested_by=f"user:{mia.pk}",
        options=options,
        result={"a": "confidential result"},
    )
    client.force_login(get_user_model().objects.create_superuser("root@example.com", "x" * 12))
    page = client.get(f"/admin/sessions_app/run/{run.pk}/change/")
    assert page.status_code == 200 and str(run.pk) in page.content.decode()
    assert "confidential" not in page.content.decode()

"""Pages of what sources name: for whom the provider answers, and for nobody else."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from sales_app.connectors import register_provider
from sales_app.connectors.base import ConnectorDown, Reading
from sales_app.connectors.demo.calls.provider import CallsProvider
from sales_app.connectors.demo.docs.provider import DocsProvider
from sales_app.crm.models import Account
from sales_app.people.models import User
from tests.agent.conftest import Book, book  # noqa: F401  the fixture
from tests.connectors.conftest import read

TOKEN = re.compile(rb'[A-Za-z0-9]{64}|nonce="[^"]+"')  # of the forms of one page
Demo = Callable[[str], User]


def page(user: User | None, path: str) -> Any:
    client = Client()
    if user is not None:
        client.force_login(user)
    return client.get(path)


def test_each_item_has_a_page_for_whom_it_was_answered(demo: Demo) -> None:
    katja = demo("katja")
    call = read(katja, "calls", "calls")[0]
    account = str(call.account)
    items = [
        call,
        read(katja, "chat", "messages")[0],
        *read(katja, "docs", "search", limit="50"),
        *read(katja, "enrichment", "company", account=account),
        *read(katja, "enrichment", "news", account=account),
        read(katja, "email", "messages")[0],
        read(katja, "calendar", "events")[0],
        *read(katja, "crm", "account", account=account),
        *read(katja, "crm", "deals", account=account),
        *read(katja, "crm", "contacts", account=account),
        *read(katja, "crm", "activities", account=account)[:2],
    ]
    for item in items:
        response = page(katja, item.url.partition("#")[0])
        assert response.status_code == 200, item.url
        assert "datetime." not in response.content.decode()
    anchors = [item.url.partition("#") for item in items if "#" in item.url]
    for path, _, anchor in anchors:
        assert f'id="{anchor}"' in page(katja, path).content.decode()


def test_a_transcript_has_an_anchor_for_each_line(demo: Demo) -> None:
    katja = demo("katja")
    call = read(katja, "calls", "calls")[0]
    html = page(katja, call.url).content.decode()
    for line in call.meta["lines"]:
        assert html.count(f'id="t{line["at"]}"') == 1
    assert all(speaker["name"] in html for speaker in call.meta["speakers"])


def test_a_message_stands_in_its_thread(demo: Demo) -> None:
    katja = demo("katja")
    message = next(m for m in read(katja, "chat", "messages") if m.meta["replies"] >= 2)
    html = page(katja, message.url).content.decode()
    (full,) = read(katja, "chat", "message", id=message.id)
    assert len(full.meta["messages"]) == message.meta["replies"] + 1
    places = [html.index(f'id="{each["id"]}"') for each in full.meta["messages"]]
    assert places == sorted(places) and html.count('aria-current="true"') == 1


def test_not_found_is_the_same_for_all_reasons(demo: Demo) -> None:
    katja, dana = demo("katja"), demo("dana")
    call, message, mail = (
        read(katja, category, operation)[0]
        for category, operation in (("calls", "calls"), ("chat", "messages"), ("email", "messages"))
    )
    event = next(e for e in read(katja, "calendar", "events") if e.account)
    hidden = [
        call.url,
        message.url,
        f"/sources/enrichment/{call.account}/",
        f"/sources/email/{mail.id}/",
        f"/sources/calendar/{event.id}/",
    ]
    nowhere = [
        "/sources/calls/none/",
        "/sources/docs/none/",
        "/sources/enrichment/none/",
        "/sources/other/1/",
    ]
    answers = set()
    for path in (*hidden, *nowhere):
        response = page(dana, path)
        assert response.status_code == 404, path
        answers.add(TOKEN.sub(b"", response.content))
    assert len(answers) == 1
    for path in hidden:
        assert page(katja, path).status_code in (200, 302)
        assert page(None, path).status_code == 302 and "/login/" in page(None, path).url


def test_mail_and_meetings_lead_to_their_own_pages(demo: Demo) -> None:
    katja = demo("katja")
    mail, event = read(katja, "email", "messages")[0], read(katja, "calendar", "events")[0]
    assert page(katja, f"/sources/email/{mail.id}/").url == mail.url
    assert page(katja, f"/sources/calendar/{event.id}/").url == event.url


def test_what_outsiders_wrote_stays_text(book: Book, tmp_path: Path, providers: None) -> None:  # noqa: F811
    Account.objects.filter(pk=book.acme.pk).update(external_id="erp-7")
    evil = '<script>alert(1)</script><img src="https://evil.example/x">'
    row = {
        "id": "c1", "title": evil, "when": "-1 10:00", "minutes": 5, "owner": "ann@example.com", "account": "erp-7",
        "people": [["Ann", "", "us"], [evil, evil, "them"]], "lines": [[0, 1, evil]],
    }  # fmt: skip
    (tmp_path / "calls.jsonl").write_text(json.dumps(row))
    (tmp_path / "leaflet.md").write_text(
        f"{evil}\n\n![pixel](https://evil.example/p.png)\n\n[click](javascript:alert(1))\n\n| a |\n| --- |\n| {evil} |\n"
    )
    register_provider(CallsProvider(tmp_path))
    register_provider(DocsProvider(tmp_path))
    for path in ("/sources/calls/c1/", "/sources/docs/leaflet/"):
        response = page(book.ann, path)
        assert response.status_code == 200
        html = response.content.decode()
        assert "<script>alert" not in html and "evil.example" in html
        assert '<img src="https' not in html and 'href="javascript' not in html


class Down:
    name, title, category = "down", "Call recorder", "calls"

    async def call(self, user: User, operation: str, arguments: dict[str, Any]) -> Reading:
        raise ConnectorDown("Call recorder does not answer. Try again in a minute.")


def test_a_source_that_is_down_says_so(book: Book, providers: None) -> None:  # noqa: F811
    register_provider(Down())
    response = page(book.ann, "/sources/calls/c1/")
    assert response.status_code == 503 and "does not answer" in response.content.decode()


def test_content_that_cannot_be_read_is_a_connector_that_is_down(
    book: Book,  # noqa: F811
    tmp_path: Path,
    providers: None,
) -> None:
    (tmp_path / "calls.jsonl").write_text('{"id": "c1"')
    register_provider(CallsProvider(tmp_path))
    assert page(book.ann, "/sources/calls/c1/").status_code == 503
    with pytest.raises(ConnectorDown, match="try again"):
        read(book.ann, "calls", "call", id="c1")

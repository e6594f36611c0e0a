"""Who sees an artifact, and how its content is served: by a signed address, without a person, into a frame and nothing else."""

import json
import re
from collections.abc import Callable
from typing import Any

import pytest
from django.core import signing
from django.test import Client, override_settings

from sales_app.artifacts import passes
from sales_app.artifacts.making import make_version
from sales_app.artifacts.models import ArtifactPdf, ArtifactVersion
from sales_app.crm.models import Account
from sales_app.people.models import User
from sessions_app.session.models import Participant
from tests.artifacts import samples
from tests.artifacts.conftest import Made, Person

SignedIn = Callable[[User], Client]
EXACT = (
    "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data:; font-src data:; "
    "form-action 'none'; frame-ancestors http://testserver; base-uri 'none'; sandbox allow-scripts"
)
ADDRESSES = ("", "?version=1", "panel", "compare/", "1/page.html", "1/page.pdf")


def frame_of(page: Any) -> str:
    found = re.search(r'<iframe src="([^"]+)"', page.content.decode())
    assert found
    return found[1]


def inside(address: str) -> str:
    return address.removeprefix("http://testserver")


# Who sees it.


@pytest.fixture
def session_of(mia: User) -> Any:
    from tests.artifacts.world import new_session  # noqa: PLC0415  # models are not loaded earlier

    return new_session(mia)


def seen(client: Client, version: ArtifactVersion) -> set[int]:
    base = f"/artifacts/{version.artifact_id}/"
    return {client.get(base + rest).status_code for rest in ADDRESSES}


def test_its_owner_and_their_managers_see_it(
    made: Made, mia: User, person: Person, signed_in: SignedIn
) -> None:
    boss = person("bo", User.Role.MANAGER)
    mia.manager = boss
    mia.save()
    version = made()
    for who in (mia, boss, person("rev", User.Role.REVOPS), person("aud", User.Role.AUDITOR)):
        assert seen(signed_in(who), version) == {200}
        assert samples.TITLES["deck"] in signed_in(who).get("/artifacts/").content.decode()


def test_others_find_nothing_as_if_it_never_was(made: Made, person: Person, signed_in: SignedIn) -> None:
    version = made()
    for who in (person("zoe"), person("other", User.Role.MANAGER)):
        client = signed_in(who)
        assert seen(client, version) == {404}
        assert samples.TITLES["deck"] not in client.get("/artifacts/").content.decode()
        assert client.post(f"/artifacts/{version.artifact_id}/1/share").status_code == 404
        other = client.get("/artifacts/00000000-0000-4000-8000-000000000000/")
        theirs = client.get(f"/artifacts/{version.artifact_id}/")
        assert _without_token(other) == _without_token(theirs)


def _without_token(page: Any) -> str:
    return re.sub(
        r'csrf[^}]*"|value="[^"]*"|X-CSRFToken[^}]*', "", page.content.decode(), flags=re.IGNORECASE
    )


def test_whoever_is_signed_out_signs_in(made: Made) -> None:
    version = made()
    for rest in ADDRESSES:
        page = Client().get(f"/artifacts/{version.artifact_id}/{rest}")
        assert page.status_code == 302 and page["Location"].startswith("/accounts/login/")


def test_those_of_its_chat_see_it_while_they_take_part(
    made: Made, session_of: Any, person: Person, signed_in: SignedIn
) -> None:
    zoe = person("zoe")
    version = made(session_id=session_of.pk)
    client = signed_in(zoe)
    assert seen(client, version) == {404}
    taking = Participant.objects.create(session=session_of, actor=f"user:{zoe.pk}", name="Zoe")
    assert seen(client, version) == {200}
    Participant.objects.filter(pk=taking.pk).update(left_at="2026-11-01T00:00:00Z")
    assert seen(client, version) == {404}


@pytest.mark.parametrize("number", ["0", "2", "-1", "x", "1" * 30, "٣", "1;2"])
def test_versions_that_are_not_there(made: Made, mia: User, signed_in: SignedIn, number: str) -> None:
    version = made()
    assert signed_in(mia).get(f"/artifacts/{version.artifact_id}/?version={number}").status_code == 404


# The page around it.


def test_the_page_frames_content_and_nothing_else(made: Made, mia: User, signed_in: SignedIn) -> None:
    version = made()
    page = signed_in(mia).get(f"/artifacts/{version.artifact_id}/")
    html = page.content.decode()
    assert re.search(
        r'<iframe src="http://testserver/artifact-content/[^"]+/" sandbox="allow-scripts" ', html
    )
    policy = dict(part.strip().split(" ", 1) for part in page["Content-Security-Policy"].split(";"))
    assert policy["frame-src"] == "http://testserver/artifact-content/"
    assert policy["frame-ancestors"] == "'none'"
    assert "no-store" in page["Cache-Control"]
    assert "unsafe-inline" not in page["Content-Security-Policy"]
    # Other pages frame nothing at all.
    other = signed_in(mia).get("/accounts/")
    assert "frame-src" not in other["Content-Security-Policy"]


# The content.


def test_content_without_a_person(
    made: Made, mia: User, signed_in: SignedIn, django_assert_num_queries: Any
) -> None:
    version = made()
    client = signed_in(mia)
    address = inside(frame_of(client.get(f"/artifacts/{version.artifact_id}/")))
    for who in (client, Client()):
        with django_assert_num_queries(1):  # the page alone: no session, no person
            content = who.get(address)
        assert content.status_code == 200
        assert content["Content-Security-Policy"] == EXACT
        assert content["X-Content-Type-Options"] == "nosniff"
        assert content["Referrer-Policy"] == "no-referrer"
        assert content["Cache-Control"] == "no-store"
        assert "X-Frame-Options" not in content
        assert not content.cookies and "Cookie" not in content.get("Vary", "")
        assert content.content.decode() == version.html


def test_printing_may_open_the_dialog_and_nothing_more(made: Made, mia: User, signed_in: SignedIn) -> None:
    version = made()
    panel = signed_in(mia).get(f"/artifacts/{version.artifact_id}/panel").json()
    content = Client().get(inside(panel["print"]))
    assert content["Content-Security-Policy"] == EXACT + " allow-modals"


def test_a_pass_is_for_one_version_and_for_a_short_time(
    made: Made, mia: User, signed_in: SignedIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    version = made()
    other = make_version(
        key=None, owner=mia, session_id=None, document=samples.document("brief"), artifact=version.artifact
    )
    address = inside(frame_of(signed_in(mia).get(f"/artifacts/{version.artifact_id}/?version=1")))
    assert Client().get(address).content.decode() == version.html != other.html
    monkeypatch.setattr(passes, "SECONDS", -1)
    over = Client().get(address)
    assert over.status_code == 404
    assert "Load the page around it again" in over.content.decode()


def test_passes_that_are_none_of_ours(made: Made) -> None:
    version = made()
    good = {"version": version.pk, "by": "http://testserver", "link": None, "prints": False}
    for token in (
        "",
        "x",
        "x" * 4000,
        signing.dumps(good, salt="another"),
        signing.dumps({**good, "more": 1}, salt=passes.SALT),
        signing.dumps([1], salt=passes.SALT),
        signing.dumps({**good, "version": 0}, salt=passes.SALT),
    ):
        answer = Client().get(f"/artifact-content/{token}/")
        assert answer.status_code == 404, token
        assert (
            "sandbox" in answer["Content-Security-Policy"] and "'none'" in answer["Content-Security-Policy"]
        )
        assert not answer.cookies


def test_content_is_no_page_of_its_own(made: Made, mia: User, signed_in: SignedIn) -> None:
    """Opened by itself it could lead itself elsewhere; the page around it is what holds it."""
    version = made()
    address = inside(frame_of(signed_in(mia).get(f"/artifacts/{version.artifact_id}/")))
    assert Client().get(address, headers={"Sec-Fetch-Dest": "document"}).status_code == 404
    assert Client().get(address, headers={"Sec-Fetch-Dest": "iframe"}).status_code == 200
    assert Client().post(address).status_code == 404


def test_the_address_is_not_logged(made: Made, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level("DEBUG", logger="django.request"):
        Client().get("/artifact-content/some-long-secret-token-of-somebody/")
        Client().get("/s/some-long-secret-of-somebody/")
    assert "somebody" not in caplog.text


def test_an_origin_of_its_own(made: Made, mia: User, signed_in: SignedIn) -> None:
    with override_settings(
        CLEWLINE_ARTIFACT_ORIGIN="https://artifacts.example.net", ALLOWED_HOSTS=["testserver"]
    ):
        client = signed_in(mia)
        version = made()
        page = client.get(f"/artifacts/{version.artifact_id}/")
        address = frame_of(page)
        assert address.startswith("https://artifacts.example.net/artifact-content/")
        assert "frame-src https://artifacts.example.net/artifact-content/" in page["Content-Security-Policy"]
        path = address.removeprefix("https://artifacts.example.net")
        there = Client(headers={"host": "artifacts.example.net"})
        content = there.get(path)
        assert content.status_code == 200
        assert "frame-ancestors http://testserver;" in content["Content-Security-Policy"]
        # Each host serves its own part alone.
        assert client.get(path).status_code == 404
        for other in ("/", "/chat/", "/accounts/login/", "/static/css/base.css"):
            assert there.get(other).status_code == 404


# Files.


def test_a_downloaded_page_is_whole_and_its_links_lead_here(
    made: Made, mia: User, signed_in: SignedIn
) -> None:
    version = made("brief")
    with override_settings(CLEWLINE_SITE_URL="https://clewline.example.com"):
        file = signed_in(mia).get(f"/artifacts/{version.artifact_id}/1/page.html")
    html = file.content.decode()
    assert file["Content-Disposition"] == 'attachment; filename="call-prep-acme-v1.html"'
    assert 'href="https://clewline.example.com/sources/calls/1/"' in html and 'href="/' not in html
    assert 'http-equiv="Content-Security-Policy"' in html
    assert "sandbox" in file["Content-Security-Policy"]


def test_files_for_customers(made: Made, mia: User, signed_in: SignedIn) -> None:
    version = made("one-pager")
    html = signed_in(mia).get(f"/artifacts/{version.artifact_id}/1/page.html?for=customers")
    assert html["Content-Disposition"].endswith('-v1-for-customers.html"')
    assert "/sources/" not in html.content.decode() and "Sources" not in html.content.decode()


def test_a_name_of_a_file_is_plain(made: Made, mia: User, signed_in: SignedIn) -> None:
    version = made(document=samples.document(title='../Größe\r\n"; x=<ä>/東京'))
    file = signed_in(mia).get(f"/artifacts/{version.artifact_id}/1/page.html")
    assert file["Content-Disposition"] == 'attachment; filename="groe-x-a-v1.html"'


def test_the_pdf_opens_in_the_browser(made: Made, mia: User, signed_in: SignedIn) -> None:
    version = made("brief")
    file = signed_in(mia).get(f"/artifacts/{version.artifact_id}/1/page.pdf")
    assert file["Content-Type"] == "application/pdf"
    assert file["Content-Disposition"] == 'inline; filename="call-prep-acme-v1.pdf"'
    assert file.content.startswith(b"%PDF-")
    assert ArtifactPdf.objects.count() == 1


def test_a_long_pdf_is_waited_for(
    made: Made, mia: User, signed_in: SignedIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    from sales_app.artifacts.views import files  # noqa: PLC0415

    queued: list[dict[str, Any]] = []
    monkeypatch.setattr(files, "is_heavy", lambda version: True)
    monkeypatch.setattr(files, "soon", lambda task, **given: queued.append(given))
    version = made("brief")
    client, address = signed_in(mia), f"/artifacts/{version.artifact_id}/1/page.pdf"
    first = client.get(address)
    assert first.status_code == 202 and "waits=1" in first.content.decode()
    assert client.get(address + "?waits=1").status_code == 202
    assert queued == [{"version_id": version.pk, "audience": "inside"}]
    files.tasks.typeset(**queued[0])
    assert client.get(address + "?waits=1").content.startswith(b"%PDF-")


# Versions, the panel, and where artifacts are found.


def test_versions_are_compared_in_words(made: Made, mia: User, signed_in: SignedIn) -> None:
    version = made("brief")
    changed = json.loads(json.dumps(version.document))
    changed["sections"][0]["blocks"][1]["text"] = "The renewal is worth USD 75,000."
    from sales_app.documents import document_from_json  # noqa: PLC0415

    make_version(
        key=None, owner=mia, session_id=None, document=document_from_json(changed), artifact=version.artifact
    )
    client = signed_in(mia)
    page = client.get(f"/artifacts/{version.artifact_id}/compare/").content.decode()
    assert re.search(r'class="removed">.*USD 90,000', page) and re.search(r'class="added">.*USD 75,000', page)
    same = client.get(f"/artifacts/{version.artifact_id}/compare/?before=1&after=1").content.decode()
    assert "Their words are the same" in same
    newest = client.get(f"/artifacts/{version.artifact_id}/").content.decode()
    assert "Version 2 of 2" in newest and 'href="?version=1"' in newest
    assert "Version 1 of 2" in client.get(f"/artifacts/{version.artifact_id}/?version=1").content.decode()


def test_the_panel(made: Made, mia: User, person: Person, signed_in: SignedIn) -> None:
    version = made("brief")
    base = f"/artifacts/{version.artifact_id}/"
    panel = signed_in(mia).get(base + "panel?version=1").json()
    assert panel["title"] == "Call prep: Acme" and panel["kind"] == "Brief" and panel["version"] == 1
    assert [each["number"] for each in panel["versions"]] == [1]
    assert panel["download"] == base + "1/page.html" and panel["pdf"] == base + "1/page.pdf"
    assert panel["share"] == base + "1/share" and panel["care"]
    assert Client().get(inside(panel["frame"])).content.decode() == version.html
    assert signed_in(person("aud", User.Role.AUDITOR)).get(base + "panel").json()["share"] is None


def test_lists_filter_and_stand_on_the_pages_of_records(
    made: Made, mia: User, person: Person, signed_in: SignedIn, django_assert_max_num_queries: Any
) -> None:
    account = Account.objects.create(name="Acme", owner=mia)
    made("brief", account=account)
    for _ in range(5):
        made("deck", account=account)
    client = signed_in(mia)
    with django_assert_max_num_queries(12):
        everything = client.get("/artifacts/").content.decode()
    assert "6 artifacts" in everything
    assert "1 artifact<" in client.get("/artifacts/?q=prep").content.decode().replace(
        "1 artifact ", "1 artifact<"
    )
    assert "Call prep: Acme" not in client.get("/artifacts/?kind=deck").content.decode()
    assert "Call prep: Acme" in client.get(f"/accounts/{account.pk}/").content.decode()
    # A colleague who works the account does not see what is not theirs.
    zoe = person("zoe", User.Role.REP)
    from sales_app.crm.models import Deal  # noqa: PLC0415

    Deal.objects.create(name="Renewal", account=account, owner=zoe, amount=1)
    page = signed_in(zoe).get(f"/accounts/{account.pk}/")
    assert page.status_code == 200 and "Call prep: Acme" not in page.content.decode()

"""Links for people outside: made by a click, kept as a hash, ended at once, alike when wrong, and counted."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db.models import F
from django.test import Client
from django.utils import timezone

from sales_app.artifacts import sharing
from sales_app.artifacts.errors import NotShared
from sales_app.artifacts.models import ArtifactVersion, ShareLink, ShareView
from sales_app.artifacts.sharing import needs_care, revoke, share
from sales_app.documents import Block, Section
from sales_app.people.models import User
from sessions_app.session.models import Participant
from tests.artifacts import samples
from tests.artifacts.conftest import Made, Person
from tests.artifacts.world import new_session

SignedIn = Callable[[User], Client]
CLEAN = (Section(title="What you get", blocks=(Block(kind="text", text="Two days of **onboarding**."),)),)


@pytest.fixture
def clean(made: Made) -> ArtifactVersion:
    return made("one-pager", document=samples.document("one-pager", sections=CLEAN))


def frame(page: Any) -> str:
    found = re.search(r'<iframe src="http://testserver([^"]+)"', page.content.decode())
    assert found
    return found[1]


def test_from_a_click_to_the_page(clean: ArtifactVersion, mia: User, signed_in: SignedIn) -> None:
    made = signed_in(mia).post(f"/artifacts/{clean.artifact_id}/1/share", {"days": "14"})
    found = re.search(r'value="http://testserver(/s/([^/]+)/)"', made.content.decode())
    assert made.status_code == 200 and found
    address, secret = found[1], found[2]
    link = ShareLink.objects.get()
    assert secret not in str(list(ShareLink.objects.values_list("secret_hash", "html")))
    assert len(secret) >= 32 and len(link.secret_hash) == 64
    assert timedelta(days=13, hours=23) < link.expires_at - timezone.now() <= timedelta(days=14)

    outsider = Client()
    page = outsider.get(address)
    assert page.status_code == 200 and not page.cookies
    assert page["X-Robots-Tag"] == "noindex, nofollow"
    assert page["Cache-Control"] == "no-store" and page["Referrer-Policy"] == "no-referrer"
    assert "frame-src http://testserver/artifact-content/" in page["Content-Security-Policy"]
    html = page.content.decode()
    assert "Sign out" not in html and "Accounts" not in html and "Mia" not in html
    content = outsider.get(frame(page))
    assert (
        content.status_code == 200 and "Two days of <strong>onboarding</strong>." in content.content.decode()
    )
    assert "Sources" not in content.content.decode()
    # The secret is not told again.
    assert secret not in signed_in(mia).get(f"/artifacts/{clean.artifact_id}/").content.decode()


def test_openings_are_counted_without_their_people(
    clean: ArtifactVersion, mia: User, signed_in: SignedIn
) -> None:
    link, secret = share(clean, by=mia)
    for _ in range(3):
        page = Client().get(f"/s/{secret}/")
        Client().head(frame(page))
        Client().get(frame(page))
    # Somebody who only fetches the address, as previews of links do, opened nothing.
    Client().get(f"/s/{secret}/")
    assert ShareView.objects.filter(link=link).count() == 3
    assert {field.name for field in ShareView._meta.fields} == {"id", "link", "at"}
    assert "opened 3 times" in signed_in(mia).get(f"/artifacts/{clean.artifact_id}/").content.decode()


def test_what_does_not_work_is_alike(clean: ArtifactVersion, mia: User, person: Person) -> None:
    expired, over = share(clean, by=mia)
    ShareLink.objects.filter(pk=expired.pk).update(expires_at=timezone.now())
    ended, revoked = share(clean, by=mia)
    revoke(ended, by=mia)
    gone_person = person("gone")
    clean.artifact.owner = gone_person
    clean.artifact.save()
    _, of_gone = share(clean, by=gone_person)
    User.objects.filter(pk=gone_person.pk).update(is_active=False)
    pages = {
        secret: Client().get(f"/s/{secret}/")
        for secret in (over, revoked, of_gone, "never", "x" * 500, "ä", "a b")
    }
    bodies = {page.content for page in pages.values()}
    assert {page.status_code for page in pages.values()} == {404}
    assert len(bodies) == 1
    assert "This link does not work" in bodies.pop().decode()
    for page in pages.values():
        assert (
            page["X-Robots-Tag"] == "noindex, nofollow"
            and page["Cache-Control"] == "no-store"
            and not page.cookies
        )


def test_an_ended_link_ends_what_is_open(clean: ArtifactVersion, mia: User, signed_in: SignedIn) -> None:
    link, secret = share(clean, by=mia)
    content = frame(Client().get(f"/s/{secret}/"))
    assert Client().get(content).status_code == 200
    assert signed_in(mia).post(f"/artifacts/links/{link.pk}/end").status_code == 302
    assert Client().get(content).status_code == 404
    at = ShareLink.objects.get().revoked_at
    revoke(link, by=mia)
    assert ShareLink.objects.get().revoked_at == at


def test_what_was_shared_stays_what_it_was(clean: ArtifactVersion, mia: User) -> None:
    link, secret = share(clean, by=mia)
    ArtifactVersion.objects.filter(pk=clean.pk).update(html="changed", document=F("document"))
    assert "onboarding" in Client().get(frame(Client().get(f"/s/{secret}/"))).content.decode()
    assert link.html != "changed"


@pytest.mark.parametrize("kind", ["brief", "report", "battle-card"])
def test_what_is_ours_needs_care(made: Made, mia: User, kind: str) -> None:
    version = made(kind, document=samples.document(kind, sections=CLEAN))
    assert "written for us" in needs_care(version)
    with pytest.raises(NotShared):
        share(version, by=mia)
    share(version, by=mia, knowing=True)


def test_what_has_no_source_needs_care(made: Made, mia: User, signed_in: SignedIn) -> None:
    version = made("one-pager")
    assert needs_care(version) == "2 statements in it have no source."
    address = f"/artifacts/{version.artifact_id}/1/share"
    refused = signed_in(mia).post(address, headers={"Accept": "application/json"})
    assert refused.status_code == 400 and refused.json()["error"]["code"] == "not_shared"
    assert signed_in(mia).post(address).status_code == 400
    assert not ShareLink.objects.exists()
    made_ = signed_in(mia).post(address, {"knowing": "1"}, headers={"Accept": "application/json"})
    assert made_.json()["url"].startswith("http://testserver/s/")


@pytest.mark.parametrize("days", ["0", "91", "-1", "x", "9" * 9, "1.5"])
def test_days_that_are_refused(clean: ArtifactVersion, mia: User, signed_in: SignedIn, days: str) -> None:
    answer = signed_in(mia).post(f"/artifacts/{clean.artifact_id}/1/share", {"days": days})
    assert answer.status_code == 400 and "between 1 and 90 days" in answer.content.decode()


def test_who_may_share(made: Made, mia: User, person: Person, signed_in: SignedIn) -> None:
    session = new_session(mia)
    version = made(document=samples.document("deck", sections=CLEAN), session_id=session.pk)
    link, _ = share(version, by=mia)
    roles = {
        "zoe": (person("zoe"), Participant.Role.MEMBER, True),
        "olga": (person("olga"), Participant.Role.OBSERVER, False),
        "audit": (person("audit", User.Role.AUDITOR), None, False),
        "rev": (person("rev", User.Role.REVOPS), None, True),
    }
    for name, (who, role, may) in roles.items():
        if role:
            Participant.objects.create(session=session, actor=f"user:{who.pk}", name=name, role=role)
        client = signed_in(who)
        assert client.post(f"/artifacts/{version.artifact_id}/1/share").status_code == (
            200 if may else 400
        ), name
        if not may:
            assert client.post(f"/artifacts/links/{link.pk}/end").status_code == 400
    stranger = signed_in(person("stranger"))
    assert stranger.post(f"/artifacts/links/{link.pk}/end").status_code == 404
    assert Client().post(f"/artifacts/links/{link.pk}/end").status_code == 302
    link.refresh_from_db()
    assert link.revoked_at is None


def test_addresses_are_not_tried_in_bulk(
    clean: ArtifactVersion, mia: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sales_app.artifacts.views.sharing.OPENINGS_A_MINUTE", 5)
    _, secret = share(clean, by=mia)
    codes = [Client().get(f"/s/guess-{number}/").status_code for number in range(7)]
    assert codes[:5] == [404] * 5 and codes[-1] == 429
    assert Client().get(f"/s/{secret}/").status_code == 429
    assert Client().get(f"/s/{secret}/", REMOTE_ADDR="10.9.9.9").status_code == 200


def test_no_tool_shares() -> None:
    """A link is a person's click: nothing that an agent may call makes one."""
    from pathlib import Path  # noqa: PLC0415

    root = Path(sharing.__file__).parents[1]
    users = {
        path.relative_to(root).as_posix()
        for path in root.rglob("*.py")
        if "artifacts.sharing import" in path.read_text()
    }
    assert users == {"artifacts/content.py", "artifacts/views/pages.py", "artifacts/views/sharing.py"}

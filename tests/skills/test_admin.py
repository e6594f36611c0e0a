"""The pages of skills: who may, what is refused, and that nobody's text is lost."""

import io
import re
import zipfile
from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from sales_app.people.models import User
from sales_app.skills import archives, exporting, store
from sales_app.skills.gate import gate
from sales_app.skills.models import Skill, SkillChange, SkillVersion
from tests.skills.conftest import Drafted, folder

CRLF = b"\xef\xbb\xbf---\r\nname: call-prep\r\ndescription: Prepares a call.\r\n---\r\nBody\r\n"


@pytest.fixture
def client(revops: User, signed_in: Callable[[User], Client]) -> Client:
    return signed_in(revops)


def page(name: str, *args: Any) -> str:
    return reverse(f"admin:{name}", args=args)


def form_of(client: Client, url: str) -> dict[str, Any]:
    """What a browser would send back unchanged: line ends as CRLF."""
    answer = client.get(url)
    assert answer.status_code == 200
    formset, form = answer.context["formset"], answer.context["form"]
    bounds = [*formset.management_form, *form]
    data = {bound.html_name: "" if bound.value() is None else bound.value() for bound in bounds}
    for entry in formset:
        for name in ("path", "content"):
            data[entry[name].html_name] = (entry[name].value() or "").replace("\n", "\r\n")
    return data


def newest() -> SkillVersion:
    return SkillVersion.objects.order_by("-pk")[0]


def test_roles(drafted: Drafted, signed_in: Callable[[User], Client]) -> None:
    version = store.publish(drafted(), by=None, note="")
    skill = version.skill_id
    reading = [
        page("sales_app_skill_changelist"),
        page("sales_app_skill_change", skill),
        page("skill-version", skill, 1),
        page("skill-compare", skill),
        page("skill-export", skill, 1, "native"),
        page("skill-export", skill, 1, "strict"),
    ]
    writing = [page("skill-edit", skill, 1), page("skill-import"), page("sales_app_skill_add")]
    expected = {
        User.Role.REVOPS: (200, 200),
        User.Role.ADMINISTRATOR: (200, 200),
        User.Role.AUDITOR: (200, 403),
        User.Role.REP: (302, 302),
        User.Role.MANAGER: (302, 302),
    }
    for role, (may_read, may_write) in expected.items():
        someone = signed_in(User.objects.create_user(email=f"{role}@example.com", password=None, role=role))
        for url in reading:
            assert someone.get(url).status_code == may_read, (role, url)
        for url in writing:
            assert someone.get(url).status_code == may_write, (role, url)
            if may_write != 200:
                assert someone.post(url, {}).status_code == may_write, (role, url)
        if may_write != 200:
            act = {"action": "retire", "number": 1, "note": "x"}
            assert someone.post(page("skill-act", skill), act).status_code == may_write
    assert store.published("call-prep") == version
    auditor = signed_in(User.objects.get(email="auditor@example.com"))
    shown = auditor.get(page("skill-version", skill, 1)).content.decode()
    assert "Retire" not in shown and page("skill-edit", skill, 1) not in shown


def test_what_is_not_there(client: Client, drafted: Drafted) -> None:
    skill = drafted().skill_id
    for url in (
        page("sales_app_skill_change", skill + 1),
        page("skill-version", skill, 2),
        page("skill-export", skill, 1, "other"),
        page("skill-compare", skill) + "?from=7",
    ):
        assert client.get(url).status_code == 404
    assert client.get(page("skill-compare", skill) + "?from=x&to=99999999999999").status_code == 200
    assert client.get(page("skill-act", skill)).status_code == 405


def test_publish_roll_back_retire(client: Client, drafted: Drafted, revops: User) -> None:
    one, two = drafted("One"), drafted("Two")
    act = page("skill-act", one.skill_id)

    def press(action: str, number: int, note: str = "Because") -> str:
        answer = client.post(act, {"action": action, "number": number, "note": note}, follow=True)
        return " ".join(str(message) for message in answer.context["messages"])

    assert press("publish", 1) == "Version 1 of call-prep is published."
    press("publish", 2)
    assert store.published("call-prep") == two
    shown = client.get(page("sales_app_skill_change", one.skill_id)).content.decode()
    assert "Roll back to version 1" in shown
    assert "counts again" in press("roll_back", 2)
    assert "no longer the published one" in press("roll_back", 2)  # the second of two clicks
    assert store.published("call-prep") == one
    assert "the note stays" in press("retire", 1, note="")
    assert store.published("call-prep") == one
    press("retire", 1)
    assert store.published("call-prep") is None
    assert "cannot become" in press("retire", 1)
    trail = SkillChange.objects.exclude(action="created").order_by("id")
    assert list(trail.values_list("action", "version__number", "by", "note")) == [
        (action, number, revops.pk, "Because")
        for action, number in (("published", 1), ("published", 2), ("rolled_back", 1), ("retired", 1))
    ]


def test_the_gate_is_shown_and_holds(client: Client, drafted: Drafted) -> None:
    gate(lambda version: ["“names a next step” fails."])
    one = drafted()
    url = page("skill-version", one.skill_id, 1)
    assert "“names a next step” fails." in client.get(url).content.decode()
    data = {"action": "publish", "number": 1, "note": "Try"}
    answer = client.post(page("skill-act", one.skill_id), data, follow=True)
    assert "“names a next step” fails." in answer.content.decode()
    assert store.published("call-prep") is None


def test_saving_makes_another_version(client: Client, revops: User) -> None:
    files = {
        "SKILL.md": CRLF,
        "reference/a.md": b"one\r\ntwo\nthree",
        "reference/b.md": b"\nfirst line is empty\r\n",
        "logo.png": b"\x89PNG\x00",
    }
    one = store.draft("call-prep", files, by=revops, note="", origin="edited")
    url = page("skill-edit", one.skill_id, 1)
    data = form_of(client, url)
    client.post(url, data)
    assert SkillVersion.objects.count() == 1  # nothing was typed
    data["file-0-content"] += "More\r\n"
    data |= {"note": "More of it", "file-3-path": "reference/new.md", "file-3-content": "N\r\nO"}
    client.post(url, data)
    two = newest()
    assert (two.number, two.state, two.note, two.based_on, two.created_by) == (
        2,
        "draft",
        "More of it",
        one,
        revops,
    )
    assert store.files_of(two) == {**files, "SKILL.md": CRLF + b"More\r\n", "reference/new.md": b"N\nO"}
    assert store.files_of(one) == files
    data = form_of(client, page("skill-edit", one.skill_id, 2))
    paths = {data[name]: name.removesuffix("-path") for name in data if name.endswith("-path")}
    data[paths["reference/a.md"] + "-path"] = "reference/renamed.md"
    data[paths["reference/new.md"] + "-remove"] = "on"
    client.post(page("skill-edit", one.skill_id, 2), data)
    renamed = {"reference/renamed.md": files["reference/a.md"], "reference/b.md": files["reference/b.md"]}
    assert store.files_of(newest()) == {"SKILL.md": CRLF + b"More\r\n", "logo.png": b"\x89PNG\x00", **renamed}


def test_two_editors(client: Client, drafted: Drafted, signed_in: Callable[[User], Client]) -> None:
    one = drafted("Body.\n")
    other_person = User.objects.create_user(
        email="ada@example.com", password=None, role=User.Role.ADMINISTRATOR, first_name="Ada"
    )
    other = signed_in(other_person)
    url = page("skill-edit", one.skill_id, 1)
    mine, theirs = form_of(client, url), form_of(other, url)
    theirs["file-0-content"] += "Theirs\r\n"
    other.post(url, theirs)
    mine["file-0-content"] += "Mine\r\n"
    answer = client.post(url, mine)
    assert answer.status_code == 422
    shown = answer.content.decode()
    assert "Ada saved version 2" in shown
    assert re.search(r"<textarea[^>]*>[^<]*Mine", shown)
    assert re.search(r'class="removed">.*Theirs', shown) and re.search(r'class="added">.*Mine', shown)
    assert SkillVersion.objects.count() == 2
    mine["seen"] = answer.context["form"]["seen"].value()
    client.post(url, mine)
    bodies = [store.text_of(version).body for version in SkillVersion.objects.order_by("number")]
    assert bodies == ["Body.\n", "Body.\nTheirs\n", "Body.\nMine\n"]


def test_preview_saves_nothing_and_warns(client: Client, drafted: Drafted) -> None:
    one = drafted()
    url = page("skill-edit", one.skill_id, 1)
    data = form_of(client, url)
    data["file-0-content"] += (
        "\r\n## Outline\r\n\r\n1. **Who** - `no_such_kind`, at most 4.\r\n2. **What**\r\n"
    )
    shown = client.post(url, {**data, "preview": "1"}).content.decode()
    assert "“Who” asks for `no_such_kind`, and no collector makes such facts." in shown
    assert "“What” names no kind of facts" in shown
    assert "no_such_kind (unknown)" in shown
    assert SkillVersion.objects.count() == 1


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"file-0-content": "no frontmatter"}, "has no frontmatter"),
        ({"file-1-path": "../x", "file-1-content": "x"}, "may lead out"),
        ({"file-1-path": "skill.MD", "file-1-content": "x"}, "the same name"),
        ({"file-1-path": "SKILL.md", "file-1-content": "x"}, "two files"),
        ({"file-1-content": "text without a name"}, "required"),
        ({"file-0-path": "OTHER.md"}, "has no SKILL.md"),
    ],
)
def test_what_cannot_be_saved_is_said(
    client: Client, drafted: Drafted, changes: dict[str, str], words: str
) -> None:
    url = page("skill-edit", drafted().skill_id, 1)
    answer = client.post(url, {**form_of(client, url), **changes})
    assert answer.status_code == 422
    assert words in answer.content.decode()
    assert SkillVersion.objects.count() == 1


def test_a_new_skill(client: Client, drafted: Drafted) -> None:
    url = page("sales_app_skill_add")
    data = {**form_of(client, url), "name": "deal-review"}
    client.post(url, data)
    assert Skill.objects.get().name == "deal-review"
    for name in ("deal-review", "Deal Review"):
        assert client.post(url, {**data, "name": name}).status_code == 422


def test_text_is_shown_as_text(client: Client, drafted: Drafted) -> None:
    one = drafted("<script>alert(1)</script>\n")
    drafted("</textarea><script>alert(2)</script>\n")
    for url in (
        page("skill-version", one.skill_id, 1),
        page("skill-edit", one.skill_id, 2),
        page("skill-compare", one.skill_id),
    ):
        assert "<script>alert" not in client.get(url).content.decode()


def test_import_and_export(client: Client, drafted: Drafted) -> None:
    files = folder(**{"scripts/run.sh": b"#!/bin/sh\r\nexit 1"})
    raw = exporting.archive("call-prep", files)

    def upload(content: bytes) -> Any:
        archive = SimpleUploadedFile("skill.zip", content, "application/zip")
        return client.post(page("skill-import"), {"archive": archive, "note": "From a partner"}, follow=True)

    assert "here as a draft" in upload(raw).content.decode()
    version = newest()
    assert (version.note, version.origin, store.files_of(version)) == ("From a partner", "imported", files)
    native = client.get(page("skill-export", version.skill_id, 1, "native"))
    assert (native.content, native["Content-Type"]) == (raw, "application/zip")
    assert native["Content-Disposition"] == 'attachment; filename="call-prep-v1.zip"'
    strict = client.get(page("skill-export", version.skill_id, 1, "strict"))
    assert "strict" in strict["Content-Disposition"]
    with zipfile.ZipFile(io.BytesIO(strict.content)) as opened:
        assert sorted(opened.namelist()) == ["call-prep/SKILL.md", "call-prep/scripts/run.sh"]
    assert "was here already" in upload(raw).content.decode()
    refused = upload(b"no archive")
    assert refused.status_code == 422
    assert "no zip archive" in refused.content.decode()
    assert SkillVersion.objects.count() == 1


def test_an_upload_is_measured_before_it_is_read(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sales_app.skills.admin.acting.MAX_ARCHIVE", 3)
    monkeypatch.setattr(archives, "MAX_ARCHIVE", 10**9)
    answer = client.post(page("skill-import"), {"archive": SimpleUploadedFile("a.zip", b"1234")})
    assert "one by one" in answer.content.decode()


def test_the_list_does_not_ask_for_each_row(client: Client, drafted: Drafted) -> None:
    client.get(page("sales_app_skill_changelist"))  # the first visit notes that somebody was here
    counts = []
    for number in range(8):
        store.publish(drafted(name=f"skill-{number}"), by=None, note="")
        if number in {1, 7}:
            with CaptureQueriesContext(connection) as asked:
                shown = client.get(page("sales_app_skill_changelist")).content.decode()
            counts.append(len(asked))
            assert shown.count(">Prepares a call.<") == number + 1
    assert counts[0] == counts[1]

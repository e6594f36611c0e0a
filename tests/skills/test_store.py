"""Versions: made, published, rolled back, retired. What was made stays as it was."""

from threading import Barrier, Thread

import pytest
from django.db import IntegrityError, connection, transaction

from sales_app.people.models import User
from sales_app.skills import immutable, store
from sales_app.skills.errors import SkillError
from sales_app.skills.gate import gate
from sales_app.skills.models import Skill, SkillChange, SkillFile, SkillVersion
from tests.skills.conftest import Drafted, folder

State = SkillVersion.State


def trail() -> list[tuple[int, str, str]]:
    rows = SkillChange.objects.order_by("at", "id")
    return list(rows.values_list("version__number", "action", "note"))


def code_of(refused: pytest.ExceptionInfo[SkillError]) -> str:
    assert refused.value.message and refused.value.fix
    return refused.value.code


def test_a_draft_counts_for_nobody(drafted: Drafted) -> None:
    version = drafted("One")
    assert (version.number, version.state, version.description) == (1, State.DRAFT, "Prepares a call.")
    assert store.published("call-prep") is None
    assert store.published_all() == []
    assert store.files_of(version) == folder(body="One")
    assert store.text_of(version).body == "One"


def test_what_is_refused_leaves_nothing(drafted: Drafted, revops: User) -> None:
    for files, code in (
        ({"README.md": b""}, "skill_no_text"),
        ({"SKILL.md": b"no frontmatter"}, "skill_no_frontmatter"),
        (folder(**{"../x": b""}), "path_outside"),
    ):
        with pytest.raises(SkillError) as refused:
            store.draft("call-prep", files, by=revops, note="", origin="edited")
        assert code_of(refused) == code
    with pytest.raises(SkillError) as refused:
        drafted(name="Call Prep")
    assert code_of(refused) == "skill_name"
    assert not Skill.objects.exists()


def test_publishing_retires_the_one_before(drafted: Drafted, revops: User) -> None:
    one, two = drafted("One"), drafted("Two")
    store.publish(one, by=revops, note="First")
    store.publish(two, by=revops, note="Better")
    one.refresh_from_db()
    assert (one.state, two.state) == (State.RETIRED, State.PUBLISHED)
    assert store.published("call-prep") == two
    assert store.published_all() == [two]
    assert trail()[2:] == [(1, "published", "First"), (2, "published", "Better")]
    assert SkillChange.objects.filter(by=revops).count() == 4


def test_publishing_twice_is_said(drafted: Drafted, revops: User) -> None:
    one = store.publish(drafted(), by=revops, note="")
    with pytest.raises(SkillError) as refused:
        store.publish(one, by=revops, note="")
    assert code_of(refused) == "skill_state"
    assert len(trail()) == 2


def test_a_gate_speaks_against_it(drafted: Drafted, revops: User) -> None:
    asked = []

    @gate
    def evals(version: SkillVersion) -> list[str]:
        asked.append(version)
        return ["2 of 5 evaluations fail."] if "bad" in store.text_of(version).body else []

    good, bad = drafted("good"), drafted("bad")
    store.publish(good, by=revops, note="")
    with pytest.raises(SkillError) as refused:
        store.publish(bad, by=revops, note="")
    assert code_of(refused) == "skill_gate"
    assert refused.value.reasons == ["2 of 5 evaluations fail."]
    assert store.published("call-prep") == good
    assert asked == [good, bad]


def test_evaluated(drafted: Drafted, revops: User) -> None:
    one = store.evaluated(drafted(), by=revops, note="5 of 5")
    assert one.state == State.EVALUATED
    store.publish(one, by=revops, note="")
    assert store.evaluated(one, by=revops, note="again").state == State.PUBLISHED


def test_rolling_back_step_by_step(drafted: Drafted, revops: User) -> None:
    one, two, three, four = (drafted(body) for body in ("1", "2", "3", "4"))
    for version in (one, three, two):
        store.publish(version, by=revops, note="")
    skill = one.skill
    assert store.roll_back(skill, by=revops, note="Worse") == three
    assert store.published("call-prep") == three
    assert trail()[-1] == (3, "rolled_back", "Worse")
    assert store.roll_back(skill, by=revops, note="") == one
    with pytest.raises(SkillError) as refused:
        store.roll_back(skill, by=revops, note="")
    assert code_of(refused) == "skill_nothing_before"
    store.publish(four, by=revops, note="")
    assert store.roll_back(skill, by=revops, note="") == one  # not one that was rolled back from


def test_rolling_back_asks_no_gate_and_skips_what_was_retired(drafted: Drafted, revops: User) -> None:
    one, two, three = (drafted(body) for body in ("1", "2", "3"))
    for version in (one, two, three):
        store.publish(version, by=revops, note="")
    gate(lambda version: ["Never."])
    # Superseded ones are retired already; two was withdrawn by somebody while it counted.
    SkillChange.objects.create(version=two, action=SkillChange.Action.RETIRED, by=revops)
    assert store.roll_back(one.skill, by=revops, note="") == one


def test_retiring_the_published_one(drafted: Drafted, revops: User) -> None:
    one = store.publish(drafted(), by=revops, note="")
    store.retire(one, by=revops, note="Not used")
    assert (one.state, store.published("call-prep")) == (State.RETIRED, None)
    with pytest.raises(SkillError) as refused:
        store.retire(one, by=revops, note="")
    assert code_of(refused) == "skill_state"
    store.publish(one, by=revops, note="Used after all")
    assert store.published("call-prep") == one


def test_two_editors(drafted: Drafted) -> None:
    one = drafted("One")
    drafted("Mine", latest_seen=one.number)
    with pytest.raises(SkillError) as refused:
        drafted("Yours", latest_seen=one.number)
    assert code_of(refused) == "skill_stale"
    assert "Ravi Ops" in refused.value.message
    assert [store.text_of(version).body for version in one.skill.versions.all()] == ["Mine", "One"]


@pytest.fixture
def guarded(db: None) -> None:
    immutable.install(connection)


@pytest.mark.parametrize("state", [State.DRAFT, State.PUBLISHED])
def test_the_database_keeps_the_files(drafted: Drafted, revops: User, guarded: None, state: str) -> None:
    one = drafted("One")
    if state == State.PUBLISHED:
        store.publish(one, by=revops, note="")
    files = SkillFile.objects.filter(version=one)
    tries = [
        lambda: files.update(content=b"other"),
        lambda: files.update(path="other"),
        lambda: files._raw_delete(files.db),
        lambda: SkillVersion.objects.filter(pk=one.pk).update(digest="0" * 64),
        lambda: SkillVersion.objects.filter(pk=one.pk).update(number=9),
    ]
    if state != State.DRAFT:
        tries.append(lambda: SkillFile.objects.create(version=one, path="more", content=b""))
    for attempt in tries:
        with pytest.raises(IntegrityError), transaction.atomic():
            attempt()
    assert store.files_of(one) == folder(body="One")
    one.note = "Notes may be put right"
    one.save()
    immutable.remove(connection)
    assert files.update(content=b"other") == 1


def test_objects_refuse_as_well(drafted: Drafted) -> None:
    one = drafted()
    file, change = one.files.get(), one.changes.get()
    for row in (file, change):
        with pytest.raises(TypeError):
            row.save()
        with pytest.raises(TypeError):
            row.delete()


@pytest.mark.django_db(transaction=True)
def test_two_publish_at_once(drafted: Drafted, revops: User) -> None:
    versions = [drafted(str(number)) for number in range(6)]
    errors: list[Exception] = []
    together = Barrier(len(versions))

    def work(version: SkillVersion) -> None:
        try:
            together.wait()
            store.publish(version, by=revops, note="")
        except Exception as error:
            errors.append(error)
        finally:
            connection.close()

    threads = [Thread(target=work, args=(version,)) for version in versions]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    (published,) = SkillVersion.objects.filter(state=State.PUBLISHED)
    assert store.published("call-prep") == published
    assert SkillVersion.objects.filter(state=State.RETIRED).count() == 5


@pytest.mark.django_db(transaction=True)
def test_the_database_allows_one_published_version(drafted: Drafted) -> None:
    """Two connections that know nothing of ``store``: whoever commits second is refused."""
    versions = [drafted("One"), drafted("Two")]
    outcomes: list[str] = []
    together = Barrier(2)

    def work(version: SkillVersion) -> None:
        try:
            with transaction.atomic():
                if connection.vendor == "postgresql":
                    together.wait()  # both are inside their transaction
                SkillVersion.objects.filter(pk=version.pk).update(state=State.PUBLISHED)
            outcomes.append("written")
        except IntegrityError:
            outcomes.append("refused")
        finally:
            connection.close()

    threads = [Thread(target=work, args=(version,)) for version in versions]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["refused", "written"]


@pytest.mark.django_db(transaction=True)
def test_two_draft_at_once(drafted: Drafted) -> None:
    numbers: list[int] = []
    together = Barrier(4)

    def work() -> None:
        try:
            together.wait()
            numbers.append(drafted("Same").number)
        finally:
            connection.close()

    threads = [Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(numbers) == [1, 2, 3, 4]

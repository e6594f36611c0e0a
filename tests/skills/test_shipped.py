"""Skills that come with the product, over updates of it and edits of people."""

from pathlib import Path

import pytest

from sales_app.people.models import User
from sales_app.skills import store
from sales_app.skills.models import SkillVersion
from sales_app.skills.shipped import install_shipped
from tests.skills.conftest import Drafted, folder


@pytest.fixture
def root(tmp_path: Path) -> Path:
    ship(tmp_path, "One")
    return tmp_path


def ship(root: Path, body: str, name: str = "call-prep") -> None:
    for path, content in folder(name, body, **{"reference/a.md": b"A\r\n"}).items():
        place = root / name / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(content)


def body() -> str:
    version = store.published("call-prep")
    assert version is not None
    return store.text_of(version).body


def test_installed_once_and_published(db: None, root: Path) -> None:
    (version,) = install_shipped(root)
    assert store.published("call-prep") == version
    assert store.files_of(version) == folder(body="One", **{"reference/a.md": b"A\r\n"})
    assert (version.origin, version.created_by) == (SkillVersion.Origin.SHIPPED, None)
    assert install_shipped(root) == []


def test_a_newer_text_is_published_where_nobody_edited(db: None, root: Path) -> None:
    install_shipped(root)
    ship(root, "Two")
    install_shipped(root)
    assert body() == "Two"


def test_an_edited_skill_keeps_its_text(db: None, root: Path, drafted: Drafted, revops: User) -> None:
    install_shipped(root)
    store.publish(drafted("Ours"), by=revops, note="")
    ship(root, "Two")
    (waiting,) = install_shipped(root)
    assert (body(), waiting.state) == ("Ours", SkillVersion.State.DRAFT)
    assert install_shipped(root) == []


def test_people_have_the_last_word(db: None, root: Path, revops: User) -> None:
    install_shipped(root)
    ship(root, "Two")
    (two,) = install_shipped(root)
    store.roll_back(two.skill, by=revops, note="Worse")
    install_shipped(root)
    assert body() == "One"
    one = store.published("call-prep")
    assert one is not None
    store.retire(one, by=revops, note="Not used here")
    ship(root, "Three")
    install_shipped(root)
    assert store.published("call-prep") is None


def test_what_comes_with_us_installs(db: None) -> None:
    """Every shipped folder is a skill that strict readers take as it is."""
    made = install_shipped()
    assert made
    for version in made:
        text = store.text_of(version)
        assert text.name == version.skill.name
        assert text.warnings == ()

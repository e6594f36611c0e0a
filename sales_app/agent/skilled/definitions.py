"""A published version of a skill, as a run needs it."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from sales_app.documents.outline import Part, outline_of
from sales_app.skills import store
from sales_app.skills.errors import SkillError
from sales_app.skills.models import SkillVersion

KINDS = ("account", "deal", "meeting")
PRODUCES = "brief"


@dataclass(frozen=True, kw_only=True)
class Offered:
    """What is known of a skill before it is used. ``hint`` is its arguments as people type them; ``foreign``: its text is
    from elsewhere, as it was imported."""

    name: str
    description: str
    hint: str = ""
    foreign: bool = False

    @property
    def title(self) -> str:
        return title_of(self.name)

    @property
    def usage(self) -> str:
        return f"/{self.name} {self.hint}".strip()


@dataclass(frozen=True, kw_only=True)
class Definition(Offered):
    """``version`` is the row's id, ``about`` the kinds of record that it can be about in the order in which they are looked for;
    ``optional``: it works without any. No ``parts``: a skill from elsewhere, whose text the model follows freely."""

    version: int
    produces: str
    about: tuple[str, ...]
    optional: bool
    parts: tuple[Part, ...]
    body: str


def title_of(name: str) -> str:
    """``call-prep`` is "Call prep"."""
    words = name.replace("-", " ").replace("_", " ").strip()
    return words[:1].upper() + words[1:]


_read: dict[tuple[int, str], Definition] = {}  # versions never change
READ_MAX = 256


def definition_of(version: SkillVersion) -> Definition:
    """Raises SkillError when its text cannot be read."""
    key = (version.pk, version.digest)
    if key not in _read:
        if len(_read) >= READ_MAX:
            _read.clear()
        _read[key] = _definition(version)
    return _read[key]


def _definition(version: SkillVersion) -> Definition:
    text = store.text_of(version)
    parts = outline_of(text.body)
    about = tuple(dict.fromkeys(text.metadata.get("clewline-about", "").lower().split()))
    kinds = tuple(kind for kind in about if kind in KINDS)
    return Definition(
        version=version.pk,
        name=version.skill.name,
        description=text.description,
        hint=text.argument_hint,
        produces=text.metadata.get("clewline-produces", "").strip() or PRODUCES,
        about=kinds,
        optional=not kinds or "none" in about or text.metadata.get("clewline-optional", "").lower() == "true",
        parts=parts,
        body=text.body,
        foreign=version.origin == SkillVersion.Origin.IMPORTED,
    )


def published(name: str) -> Definition | None:
    """Raises SkillError."""
    version = store.published(name)
    return definition_of(version) if version else None


def version_of(pk: int) -> Definition:
    """The version that a run began with, whatever is published now."""
    return definition_of(SkillVersion.objects.select_related("skill").get(pk=pk))


def _readable() -> Iterator[Definition]:
    """The published skills by name, without those whose text cannot be read."""
    for version in store.published_all():
        try:
            yield definition_of(version)
        except SkillError:
            continue


def offered() -> tuple[Offered, ...]:
    """The published skills by name; one whose text cannot be read is not offered."""
    return tuple(
        Offered(name=each.name, description=each.description, hint=each.hint, foreign=each.foreign)
        for each in _readable()
    )


def palette(short: Callable[[str], str]) -> list[dict[str, Any]]:
    """What is shown where people choose one. ``short`` makes one line of a description."""
    found = []
    for each in _readable():
        row = {"name": each.name, "title": each.title, "help": short(each.description), "hint": each.hint}
        found.append({**row, "about": list(each.about)})
    return found


def files_of(version: int) -> dict[str, bytes]:
    return store.files_of(SkillVersion.objects.get(pk=version))

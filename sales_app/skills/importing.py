"""Skills from elsewhere become drafts here, byte for byte. Their scripts are kept, never run."""

from dataclasses import dataclass
from pathlib import Path

from django.db import transaction

from sales_app.people.models import User
from sales_app.skills import store
from sales_app.skills.archives import read_archive
from sales_app.skills.directories import read_directory
from sales_app.skills.errors import SkillError
from sales_app.skills.finding import Tree, skills_in
from sales_app.skills.folders import digest_of
from sales_app.skills.models import SkillVersion


@dataclass(frozen=True, kw_only=True)
class Imported:
    """``drafts`` are the versions that were made, ``unchanged`` those that were here already with the same bytes."""

    drafts: tuple[SkillVersion, ...]
    unchanged: tuple[SkillVersion, ...]


def import_path(path: Path, *, by: User | None, note: str = "") -> Imported:
    """A folder or a zip archive. Raises ``SkillError``."""
    if path.is_dir():
        return import_tree(read_directory(path), called=path.resolve().name, by=by, note=note)
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise SkillError(
            "import_unread", f"{path} cannot be read: {error.strerror}.", "Name a folder or a zip archive."
        ) from None
    return import_archive(raw, called=path.stem, by=by, note=note)


def import_archive(raw: bytes, *, called: str, by: User | None, note: str = "") -> Imported:
    return import_tree(read_archive(raw), called=called, by=by, note=note)


def import_tree(tree: Tree, *, called: str, by: User | None, note: str = "") -> Imported:
    """All of its skills, or none when one is refused."""
    drafts, unchanged = [], []
    with transaction.atomic():
        for found in skills_in(tree, called=called):
            digest = digest_of(found.files)
            same = (
                SkillVersion.objects.filter(skill__name=found.name, digest=digest).order_by("-number").first()
            )
            if same is not None:
                unchanged.append(same)
                continue
            source = f"From the plug-in “{found.plugin}”" if found.plugin else f"From “{called}”"
            drafts.append(
                store.draft(
                    found.name,
                    found.files,
                    by=by,
                    note=note or source,
                    origin=SkillVersion.Origin.IMPORTED,
                    based_on=store.published(found.name),
                )
            )
    return Imported(drafts=tuple(drafts), unchanged=tuple(unchanged))

"""The skills that come with Clewline, as folders beside this file, made versions at each start."""

from pathlib import Path

from django.db import transaction

from sales_app.skills import store
from sales_app.skills.directories import read_directory
from sales_app.skills.folders import check_name, digest_of
from sales_app.skills.models import Skill, SkillVersion

SHIPPED = Path(__file__).parent / "shipped"
NOTE = "Came with Clewline"


def install_shipped(root: Path = SHIPPED) -> list[SkillVersion]:
    """Versions that were made now. Each text is brought once: whoever rolls it back or retires it has the last word.

    It is published where nobody has edited, that is where the published version came with Clewline too, or where the skill is
    new. Elsewhere it waits as a draft, to be compared.
    """
    made = []
    for folder in (
        sorted(path for path in root.iterdir() if (path / "SKILL.md").is_file()) if root.is_dir() else []
    ):
        check_name(folder.name)
        if version := _install(folder.name, read_directory(folder)):
            made.append(version)
    return made


def _install(name: str, files: dict[str, bytes]) -> SkillVersion | None:
    shipped = SkillVersion.objects.filter(skill__name=name, origin=SkillVersion.Origin.SHIPPED)
    digest = digest_of(files)
    if shipped.filter(digest=digest).exists():
        return None
    with transaction.atomic():
        Skill.objects.get_or_create(name=name)
        skill = Skill.objects.select_for_update().select_related(None).get(name=name)
        if shipped.filter(digest=digest).exists():  # another process that started with us
            return None
        published = skill.published
        is_new = not skill.versions.exists()
        version = store.draft(
            name, files, by=None, note=NOTE, origin=SkillVersion.Origin.SHIPPED, based_on=published
        )
        if is_new or (published is not None and published.origin == SkillVersion.Origin.SHIPPED):
            store.publish_shipped(version, note=NOTE)
    return version

"""Skills and their versions: read, drafted, published, rolled back, retired.

Everything that changes a skill holds its row, so of two people who publish at once one comes second and sees the other's.
On top of that the database allows one published version a skill, whoever writes.
"""

from django.db import transaction

from sales_app.people.access import is_administrator
from sales_app.people.models import User
from sales_app.skills import folders, lifecycle
from sales_app.skills.errors import SkillError
from sales_app.skills.gate import may_publish
from sales_app.skills.models import Skill, SkillChange, SkillFile, SkillVersion
from sales_app.skills.text import FILE, SkillText, parse

State = SkillVersion.State
Action = SkillChange.Action
MAX_NOTE = 500


def published(name: str) -> SkillVersion | None:
    """The version that counts, with its skill."""
    return SkillVersion.objects.select_related("skill").filter(published_of__name=name).first()


def published_all() -> list[SkillVersion]:
    """All of them, by the name of their skill."""
    found = SkillVersion.objects.select_related("skill").filter(published_of__isnull=False)
    return list(found.order_by("skill__name"))


def files_of(version: SkillVersion) -> dict[str, bytes]:
    """``{path: content}``, byte for byte."""
    return {path: bytes(content) for path, content in version.files.values_list("path", "content")}


def text_of(version: SkillVersion) -> SkillText:
    """The version's SKILL.md, read."""
    return parse(bytes(version.files.values_list("content", flat=True).get(path=FILE)))


def draft(
    name: str,
    files: dict[str, bytes],
    *,
    by: User | None,
    note: str,
    origin: str,
    based_on: SkillVersion | None = None,
    latest_seen: int | None = None,
) -> SkillVersion:
    """Another version of the skill ``name``, which is made if there is none.

    ``latest_seen`` is the number of the newest version that the writer knew of: another one since is ``skill_stale``, and
    nothing is written. Raises ``SkillError``.
    """
    folders.check_name(name)
    folders.check_folder(files)
    text = parse(files[FILE])
    with transaction.atomic():
        Skill.objects.get_or_create(name=name)
        skill = Skill.objects.select_for_update().get(name=name)
        latest = skill.versions.order_by("-number").first()
        if latest_seen is not None and latest is not None and latest.number != latest_seen:
            raise SkillError(
                "skill_stale",
                f"{latest.created_by or 'Somebody'} saved version {latest.number} of {name} meanwhile.",
                "Compare it with yours, then save again.",
            )
        version = SkillVersion.objects.create(
            skill=skill,
            number=latest.number + 1 if latest else 1,
            origin=origin,
            based_on=based_on,
            description=text.description[:1024],
            digest=folders.digest_of(files),
            note=note[:MAX_NOTE],
            created_by=by,
        )
        SkillFile.objects.bulk_create(
            SkillFile(version=version, path=path, content=content) for path, content in sorted(files.items())
        )
        _note(version, Action.CREATED, by, note)
    return version


def evaluated(version: SkillVersion, *, by: User | None, note: str) -> SkillVersion:
    """Its evaluations were run. A version that is further on stays as it is, and the trail gets the line."""
    with transaction.atomic():
        _hold(version.skill_id)
        SkillVersion.objects.filter(pk=version.pk, state=State.DRAFT).update(state=State.EVALUATED)
        _note(version, Action.EVALUATED, by, note)
    version.refresh_from_db(fields=["state"])
    return version


def publish(version: SkillVersion, *, by: User | None, note: str) -> SkillVersion:
    """It is the one that counts from now on; the one before retires. Raises ``SkillError`` when a gate is against it, or
    ``skill_state`` when it is published already."""
    return _publish(version, by=by, note=note, action=Action.PUBLISHED, ask=True)


def publish_anyway(version: SkillVersion, *, by: User, note: str) -> SkillVersion:
    """Publish although gates are against it. Administrators only, and the trail says what spoke against it and why they did.

    Raises ``SkillError`` ``skill_not_allowed``, ``skill_note`` or ``skill_state``.
    """
    if not (by.is_active and is_administrator(by)):
        raise SkillError(
            "skill_not_allowed",
            "Only an administrator publishes what an evaluation speaks against.",
            "Ask one of them, or mend the version.",
        )
    if not note.strip():
        raise SkillError("skill_note", "There is no reason given.", "Say why: it stays in the trail.")
    with transaction.atomic():
        _hold(version.skill_id)
        against = " ".join(may_publish(version))
        said = f"{note.strip()} (Published although: {against})" if against else note
        return _publish(version, by=by, note=said, action=Action.PUBLISHED, ask=False)


def publish_shipped(version: SkillVersion, *, note: str) -> SkillVersion:
    """What comes with the product was evaluated before it was shipped: no gate is asked."""
    return _publish(version, by=None, note=note, action=Action.PUBLISHED, ask=False)


def before_published(skill: Skill) -> SkillVersion | None:
    """The version that rolling back would bring: the one that was published before the present one."""
    stack: list[int] = []
    retired: set[int] = set()
    trail = SkillChange.objects.filter(version__skill=skill).order_by("at", "id")
    for pk, action in trail.values_list("version_id", "action"):
        if action == Action.RETIRED:
            retired.add(pk)
        elif action == Action.PUBLISHED:
            stack.append(pk)
        elif action == Action.ROLLED_BACK:
            while stack and stack[-1] != pk:
                stack.pop()
        if action in {Action.PUBLISHED, Action.ROLLED_BACK}:
            retired.discard(pk)
    earlier = [pk for pk in stack if pk not in retired and pk != skill.published_id]
    if skill.published_id is None or not earlier:
        return None
    return SkillVersion.objects.get(pk=earlier[-1])


def roll_back(skill: Skill, *, by: User | None, note: str, seen: int | None = None) -> SkillVersion:
    """Publishes the version before again. No gate is asked: it counted before, and this is the way out of trouble.

    ``seen`` is the number of the published version that the asker saw: with another one published since it is ``skill_moved``,
    so that a second press takes nothing further back.
    """
    with transaction.atomic():
        held = _hold(skill.pk)
        if seen is not None and (held.published is None or held.published.number != seen):
            raise SkillError(
                "skill_moved",
                f"Version {seen} of {held.name} is no longer the published one.",
                "Look at the skill's page again.",
            )
        target = before_published(held)
        if target is None:
            raise SkillError(
                "skill_nothing_before",
                f"No other version of {held.name} was published before this one.",
                "Publish the version that you want instead.",
            )
        return _publish(target, by=by, note=note, action=Action.ROLLED_BACK, ask=False)


def retire(version: SkillVersion, *, by: User | None, note: str) -> SkillVersion:
    """It no longer counts. If it was the published one, nobody is offered the skill until another is published."""
    with transaction.atomic():
        skill = _hold(version.skill_id)
        if skill.published_id == version.pk:
            Skill.objects.filter(pk=skill.pk).update(published=None)
        _move(version, State.RETIRED)
        _note(version, Action.RETIRED, by, note)
    version.refresh_from_db(fields=["state"])
    return version


def _publish(version: SkillVersion, *, by: User | None, note: str, action: str, ask: bool) -> SkillVersion:
    with transaction.atomic():
        skill = _hold(version.skill_id)
        # Asked while the row is held: what is published may matter to a gate.
        if ask and (reasons := may_publish(version)):
            raise SkillError(
                "skill_gate",
                f"Version {version.number} of {version.skill} may not be published: {' '.join(reasons)}",
                "Its page says what to do.",
                reasons=reasons,
            )
        others = skill.versions.filter(state=State.PUBLISHED).exclude(pk=version.pk)
        others.update(state=State.RETIRED)
        _move(version, State.PUBLISHED)
        Skill.objects.filter(pk=skill.pk).update(published=version)
        _note(version, action, by, note)
    version.refresh_from_db(fields=["state"])
    return version


def _hold(skill_id: int) -> Skill:
    return Skill.objects.select_for_update().get(pk=skill_id)


def _move(version: SkillVersion, state: str) -> None:
    moved = SkillVersion.objects.filter(pk=version.pk, state__in=lifecycle.before(state)).update(state=state)
    if not moved:
        now = SkillVersion.objects.get(pk=version.pk)
        raise SkillError(
            "skill_state",
            f"Version {now.number} is {now.get_state_display().lower()}; it cannot become {State(state).label.lower()}.",
            "Look at the skill's page again: somebody may have been quicker.",
        )


def _note(version: SkillVersion, action: str, by: User | None, note: str) -> None:
    SkillChange.objects.create(version=version, action=action, by=by, note=note[:MAX_NOTE])

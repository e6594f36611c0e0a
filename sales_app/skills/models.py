"""Skills and their versions. A version's files never change; what changes is which version is published."""

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models.functions import Now


class Skill(models.Model):
    """``name`` is the folder's name, as in Agent Skills: 1 to 64 lowercase letters, digits and hyphens."""

    name = models.CharField(max_length=64, unique=True)
    published = models.OneToOneField(
        "SkillVersion", null=True, blank=True, on_delete=models.RESTRICT, related_name="published_of"
    )
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class SkillVersion(models.Model):
    """One immutable folder. Editing makes another version."""

    class State(models.TextChoices):
        DRAFT = "draft", "Draft"
        EVALUATED = "evaluated", "Evaluated"
        PUBLISHED = "published", "Published"
        RETIRED = "retired", "Retired"

    class Origin(models.TextChoices):
        SHIPPED = "shipped", "Came with Clewline"
        EDITED = "edited", "Edited here"
        IMPORTED = "imported", "Imported"
        ENCODED = "encoded", "Drawn from calls or an interview"

    skill = models.ForeignKey(Skill, on_delete=models.CASCADE, related_name="versions")
    number = models.PositiveIntegerField()
    state = models.CharField(max_length=16, choices=State.choices, default=State.DRAFT)
    origin = models.CharField(max_length=16, choices=Origin.choices)
    based_on = models.ForeignKey("self", null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    # As the frontmatter has them, so that lists need not parse the folder.
    description = models.CharField(max_length=1024)
    digest = models.CharField(max_length=64, help_text="SHA-256 over paths and contents.")
    note = models.CharField(max_length=500, blank=True, help_text="Why this version was made.")
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        ordering = ["skill", "-number"]
        constraints = [
            models.UniqueConstraint(fields=["skill", "number"], name="skill_version_number_once"),
            models.UniqueConstraint(
                fields=["skill"],
                condition=models.Q(state="published"),
                name="skill_one_published_version",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.skill} v{self.number}"


class SkillFile(models.Model):
    """One file of a version's folder, byte for byte. ``path`` is relative, with slashes; SKILL.md is one of them."""

    version = models.ForeignKey(SkillVersion, on_delete=models.CASCADE, related_name="files")
    path = models.CharField(max_length=300)
    content = models.BinaryField()

    class Meta:
        ordering = ["path"]
        constraints = [models.UniqueConstraint(fields=["version", "path"], name="skill_file_once")]

    def __str__(self) -> str:
        return self.path

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding:
            raise TypeError("A version's files never change: make another version.")
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        raise TypeError("A version's files never change: make another version.")


class SkillChange(models.Model):
    """The trail: who published, rolled back or retired which version, when and why. Rows are only added."""

    class Action(models.TextChoices):
        CREATED = "created", "Created"
        EVALUATED = "evaluated", "Evaluated"
        PUBLISHED = "published", "Published"
        ROLLED_BACK = "rolled_back", "Rolled back to"
        RETIRED = "retired", "Retired"

    version = models.ForeignKey(SkillVersion, on_delete=models.CASCADE, related_name="changes")
    action = models.CharField(max_length=16, choices=Action.choices)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    note = models.CharField(max_length=500, blank=True)
    at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        ordering = ["-at", "-id"]
        indexes = [models.Index(fields=["version", "-at"], name="skill_change_by_version")]

    def __str__(self) -> str:
        return f"{self.version} {self.action}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding:
            raise TypeError("The trail of a skill is only added to.")
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        raise TypeError("The trail of a skill is only added to.")

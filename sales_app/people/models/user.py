"""The user account, with the profile that access, routing and briefs read."""

from datetime import time
from typing import Any, ClassVar
from zoneinfo import available_timezones

from django.contrib.auth.base_user import BaseUserManager
from django.contrib.auth.models import AbstractUser
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models.functions import Lower

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


LOCALES = [
    ("en-US", "United States: 1,234.50"),
    ("en-GB", "United Kingdom: 1,234.50"),
    ("de-DE", "Germany: 1.234,50"),
    ("fr-FR", "France: 1\u202f234,50"),
    ("es-ES", "Spain: 1.234,50"),
]


def usual_hours() -> dict[str, list[str]]:
    return {day: ["09:00", "17:30"] for day in WEEKDAYS[:5]}


def check_time_zone(value: str) -> None:
    if value not in available_timezones():
        raise ValidationError("Choose a time zone such as Europe/Berlin.", code="time_zone")


def check_hours(value: object) -> None:
    """``{"mon": ["09:00", "17:30"], …}``; a day that is absent is free."""
    if not isinstance(value, dict) or not set(value) <= set(WEEKDAYS):
        raise ValidationError("Working hours name the days mon to sun.", code="working_hours")
    for day, span in value.items():
        try:
            start, end = (time.fromisoformat(part) for part in span)
        except (TypeError, ValueError):
            raise ValidationError(f"{day}: write start and end as 09:00.", code="working_hours") from None
        if start >= end:
            raise ValidationError(f"{day}: the end must be after the start.", code="working_hours")


class UserManager(BaseUserManager["User"]):
    use_in_migrations = True

    def _create(self, email: str, password: str | None, **values: Any) -> "User":
        if not email:
            raise ValueError("A user needs an e-mail address.")
        user = self.model(email=email.strip().lower(), **values)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_user(self, email: str, password: str | None = None, **values: Any) -> "User":
        return self._create(email, password, **values)

    def create_superuser(self, email: str, password: str | None = None, **values: Any) -> "User":
        values.setdefault("role", User.Role.ADMINISTRATOR)
        return self._create(email, password, is_superuser=True, **values)

    def get_by_natural_key(self, username: str | None) -> "User":
        return self.get(email__iexact=username or "")


class User(AbstractUser):
    """A colleague. The e-mail address is the login; the role decides what they may do (``people.access``)."""

    class Role(models.TextChoices):
        REP = "rep", "Sales rep"
        BDR = "bdr", "BDR"
        MANAGER = "manager", "Manager"
        REVOPS = "revops", "RevOps"
        AUDITOR = "auditor", "Auditor"
        ADMINISTRATOR = "administrator", "Administrator"

    username = None  # type: ignore[assignment]
    email = models.EmailField("e-mail address", unique=True)
    role = models.CharField(max_length=16, choices=Role.choices, default=Role.REP)
    title = models.CharField(max_length=100, blank=True)
    manager = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.SET_NULL, related_name="reports"
    )
    time_zone = models.CharField(max_length=64, default="UTC", validators=[check_time_zone])
    working_hours = models.JSONField(default=usual_hours, blank=True, validators=[check_hours])
    locale = models.CharField(
        max_length=16,
        default="en-US",
        choices=LOCALES,
    )
    mail_notices = models.BooleanField(default=True, db_default=True)

    last_seen_at = models.DateTimeField(null=True, blank=True, editable=False)  # to five minutes: people.seen

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    objects: ClassVar[UserManager] = UserManager()  # type: ignore[assignment]

    class Meta:
        constraints = [models.UniqueConstraint(Lower("email"), name="user_email_ci")]
        ordering = ["first_name", "last_name", "email"]

    def __str__(self) -> str:
        return self.get_full_name() or self.email

    def save(self, *args: Any, **kwargs: Any) -> None:
        # The role is the one place that grants; the admin's own switch follows from it.
        self.email = self.email.strip().lower()
        self.is_staff = self.is_superuser or self.role in {
            self.Role.REVOPS,
            self.Role.AUDITOR,
            self.Role.ADMINISTRATOR,
        }
        super().save(*args, **kwargs)

"""Artifacts: what skills made, in versions, and the links by which outsiders may see one."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models.functions import Now
from django.urls import reverse

from sales_app.crm.models import Account, Deal
from sales_app.skills.models import SkillVersion
from sessions_app.session.models import Session


class Artifact(models.Model):
    """A page that opens beside the chat. ``artifacts.access`` says who may see it."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    kind = models.CharField(max_length=32)
    title = models.CharField(max_length=200)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="artifacts")
    session = models.ForeignKey(Session, null=True, on_delete=models.SET_NULL, related_name="+")
    account = models.ForeignKey(Account, null=True, on_delete=models.SET_NULL, related_name="artifacts")
    deal = models.ForeignKey(Deal, null=True, on_delete=models.SET_NULL, related_name="artifacts")
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        indexes = [
            models.Index(fields=["owner", "-created_at"], name="artifact_by_owner"),
            models.Index(fields=["account", "-created_at"], name="artifact_by_account"),
            models.Index(fields=["session"], name="artifact_by_session"),
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("artifact", args=[self.pk])


class ArtifactVersion(models.Model):
    """One immutable version. ``document`` is a ``sales_app.documents.Document`` as JSON; pages are rendered from it.

    ``key`` is the run and skill call that made it: a second try with it makes nothing.
    """

    artifact = models.ForeignKey(Artifact, on_delete=models.CASCADE, related_name="versions")
    number = models.PositiveIntegerField()
    document = models.JSONField()
    html = models.TextField(help_text="Self-contained: opened in a sandboxed frame, downloaded, printed.")
    unsupported = models.PositiveIntegerField(default=0, help_text="Statements that no source supports.")
    skill_version = models.ForeignKey(SkillVersion, null=True, on_delete=models.SET_NULL, related_name="+")
    run_id = models.UUIDField(null=True)
    key = models.CharField(max_length=120, unique=True, null=True)  # noqa: DJ001  # several have none
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        ordering = ["artifact", "-number"]
        constraints = [
            models.UniqueConstraint(fields=["artifact", "number"], name="artifact_version_number_once")
        ]

    def __str__(self) -> str:
        return f"{self.artifact} v{self.number}"


class ShareLink(models.Model):
    """A link for people without a login to one version. Only a hash of its secret is kept.

    ``html`` is the page as it was when it was shared, written for people outside.
    """

    version = models.ForeignKey(ArtifactVersion, on_delete=models.CASCADE, related_name="links")
    secret_hash = models.CharField(max_length=64, unique=True)
    html = models.TextField(default="")
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"link to {self.version}"


class ShareView(models.Model):
    """One opening of a shared page. No address and no device is kept, only when."""

    link = models.ForeignKey(ShareLink, on_delete=models.CASCADE, related_name="views")
    at = models.DateTimeField(db_default=Now())

    class Meta:
        indexes = [models.Index(fields=["link", "at"], name="share_view_by_link")]

    def __str__(self) -> str:
        return f"view of {self.link}"


class ArtifactPdf(models.Model):
    """A version as PDF, made when it is first asked for. ``error`` says that it could not be made."""

    version = models.ForeignKey(ArtifactVersion, on_delete=models.CASCADE, related_name="pdfs")
    audience = models.CharField(max_length=16, choices=[("inside", "us"), ("outside", "customers")])
    content = models.BinaryField(default=b"")
    error = models.CharField(max_length=300, default="", blank=True)
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["version", "audience"], name="artifact_pdf_once_per_audience")
        ]

    def __str__(self) -> str:
        return f"{self.version} as PDF"

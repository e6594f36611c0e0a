"""Mails in a person's mailbox."""

from django.conf import settings
from django.db import models
from django.urls import reverse
from django.utils import timezone

from sales_app.crm.models import Account, Contact


class Mail(models.Model):
    """One mail in the mailbox of ``owner``.

    A mail is written down before it is handed over: ``sending`` that stays means that nobody knows whether it left. A draft
    is for its owner's eyes only (``access.py``); ``drafts.py`` says what becomes of it.
    """

    class Direction(models.TextChoices):
        SENT = "sent", "Sent"
        RECEIVED = "received", "Received"

    class Status(models.TextChoices):
        DRAFT = "draft", "Draft"
        DISCARDED = "discarded", "Discarded"
        SENDING = "sending", "Not known whether it left"
        DELIVERED = "delivered", "Delivered"
        FAILED = "failed", "Not sent"

    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="mails")
    direction = models.CharField(max_length=16, choices=Direction.choices)
    status = models.CharField(max_length=16, choices=Status.choices)
    sender = models.CharField(max_length=320)
    recipient = models.CharField(max_length=320)
    subject = models.CharField(max_length=300)
    body = models.TextField(blank=True)
    contact = models.ForeignKey(
        Contact, null=True, blank=True, on_delete=models.SET_NULL, related_name="mails"
    )
    account = models.ForeignKey(
        Account, null=True, blank=True, on_delete=models.SET_NULL, related_name="mails"
    )
    message_id = models.CharField(max_length=255, help_text="As in the mail's own header.")
    key = models.UUIDField(
        null=True, unique=True, editable=False, help_text="A second try with it sends nothing."
    )
    draft_key = models.CharField(
        max_length=200, blank=True, editable=False, help_text="A second try with it drafts nothing."
    )
    in_reply_to = models.CharField(
        max_length=255, blank=True, help_text="The message ID of the mail that it answers."
    )
    problem = models.CharField(max_length=300, blank=True, help_text="Why it was not sent.")
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    # Counts edits of a draft: a form sends back the one it was made from, and a stale one is refused.
    version = models.PositiveIntegerField(default=1, db_default=1, editable=False)

    class Meta:
        ordering = ["-created_at", "-id"]
        indexes = [models.Index(fields=["owner", "-created_at", "-id"], name="mail_by_owner")]
        constraints = [
            models.UniqueConstraint(
                fields=["owner", "direction", "message_id"], name="mail_once_per_mailbox"
            ),
            models.UniqueConstraint(
                fields=["owner", "draft_key"], condition=~models.Q(draft_key=""), name="mail_draft_once"
            ),
            # Two runs that answer one mail at the same time make one draft.
            models.UniqueConstraint(
                fields=["owner", "in_reply_to"],
                condition=models.Q(status="draft") & ~models.Q(in_reply_to=""),
                name="mail_one_draft_per_reply",
            ),
        ]

    def __str__(self) -> str:
        return self.subject

    def get_absolute_url(self) -> str:
        return reverse("mail", args=[self.pk])

"""A person at an account."""

from django.db import models
from django.urls import reverse
from django.utils import timezone

from sales_app.crm.models.account import Account
from sales_app.crm.models.key import KeyField


class Contact(models.Model):
    class Role(models.TextChoices):
        UNKNOWN = "", "Not known"
        CHAMPION = "champion", "Champion"
        ECONOMIC_BUYER = "economic_buyer", "Economic buyer"
        TECHNICAL_BUYER = "technical_buyer", "Technical buyer"
        PROCUREMENT = "procurement", "Procurement"
        LEGAL = "legal", "Legal"
        USER = "user", "User"
        BLOCKER = "blocker", "Blocker"

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="contacts")
    name = models.CharField(max_length=200)
    name_key = KeyField(of="name")
    email = models.EmailField(blank=True)
    title = models.CharField(max_length=120, blank=True)
    role = models.CharField("role in buying", max_length=20, choices=Role.choices, blank=True, default="")
    phone = models.CharField(max_length=40, blank=True)
    last_contacted_at = models.DateTimeField("last contacted", null=True, blank=True)
    external_id = models.CharField(
        max_length=100, unique=True, null=True, blank=True, help_text="Its id in the system it came from."
    )
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    version = models.PositiveIntegerField(default=1, editable=False)

    class Meta:
        ordering = ["name_key", "id"]
        indexes = [
            models.Index(fields=["name_key", "id"], name="contact_by_name"),
            models.Index(fields=["email"], name="contact_by_email"),
            models.Index(fields=["-last_contacted_at", "id"], name="contact_by_last_contacted"),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("contact", args=[self.pk])

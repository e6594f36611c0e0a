"""Mails in the control panel: to look at."""

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from unfold.admin import ModelAdmin
from unfold.contrib.filters.admin import RangeDateFilter

from sales_app.mail.models import Mail
from sessions_app.admin.read_only import ReadOnly


@admin.register(Mail)
class MailAdmin(ReadOnly, ModelAdmin):
    list_display = ("subject", "owner", "direction", "recipient", "status", "created_at")
    list_filter = (
        "direction",
        "status",
        ("created_at", RangeDateFilter),
        ("owner", admin.RelatedOnlyFieldListFilter),
    )
    list_filter_submit = True
    list_select_related = ("owner",)
    search_fields = ("subject", "recipient", "sender", "message_id")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Mail]:
        """Drafts are for their owners, who have them in the mailbox."""
        mails: QuerySet[Mail] = super().get_queryset(request)
        return mails.exclude(status__in=[Mail.Status.DRAFT, Mail.Status.DISCARDED])

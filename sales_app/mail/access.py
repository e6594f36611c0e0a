"""Whose mails a person may read: their own, managers also those of their reports, as with the other records."""

from django.db.models import QuerySet

from sales_app.mail.models import Mail
from sales_app.people.access import book_owner_ids
from sales_app.people.models import User


def mails_for(user: User) -> QuerySet[Mail]:
    owners = book_owner_ids(user)
    return Mail.objects.all() if owners is None else Mail.objects.filter(owner__in=owners)

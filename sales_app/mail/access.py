"""Whose mails a person may read: their own, managers also those of their reports, as with the other records.

A draft is nobody's but its owner's until it is sent.
"""

from django.db.models import Q, QuerySet

from sales_app.mail.models import Mail
from sales_app.people.access import book_owner_ids
from sales_app.people.models import User


def mails_for(user: User) -> QuerySet[Mail]:
    owners = book_owner_ids(user)
    rows = Mail.objects.exclude(status=Mail.Status.DISCARDED)
    if owners is not None:
        rows = rows.filter(owner__in=owners)
    return rows.filter(~Q(status=Mail.Status.DRAFT) | Q(owner=user))

"""The filters of the mailbox."""

from django import forms
from django.db.models import Q, QuerySet

from sales_app.crm.filters import Filters
from sales_app.mail.access import mails_for
from sales_app.mail.models import Mail


class MailFilters(Filters[Mail]):
    ORDERS = {
        "-time": ["-created_at", "-id"],
        "time": ["created_at", "id"],
        "subject": ["subject", "id"],
        "-subject": ["-subject", "-id"],
    }
    q = forms.CharField(label="Search", max_length=200, widget=forms.SearchInput)
    direction = forms.ChoiceField(choices=[("", "All"), *Mail.Direction.choices])
    status = forms.ChoiceField(
        choices=[("", "All"), *(row for row in Mail.Status.choices if row[0] != Mail.Status.DISCARDED)]
    )

    def prepare(self) -> None:
        self._offer_owners(label="Mailbox", always=True)

    def rows(self) -> QuerySet[Mail]:
        rows = self._by_owner(mails_for(self.user))
        for word in self._words():
            rows = rows.filter(
                Q(subject__icontains=word)
                | Q(body__icontains=word)
                | Q(recipient__icontains=word)
                | Q(sender__icontains=word)
            )
        for column in ("direction", "status"):
            if self.given(column):
                rows = rows.filter(**{column: self.given(column)})
        return rows.order_by(*self.ORDERS[self.order]).select_related("owner", "contact", "account")

"""The filters of the list of artifacts."""

from django import forms
from django.db.models import QuerySet

from sales_app.artifacts.access import artifacts_for
from sales_app.artifacts.models import Artifact
from sales_app.artifacts.rendering import KINDS
from sales_app.crm.filters import Filters


class ArtifactFilters(Filters[Artifact]):
    ORDERS = {
        "-time": ["-created_at", "-id"],
        "time": ["created_at", "id"],
        "title": ["title", "id"],
        "-title": ["-title", "-id"],
    }
    q = forms.CharField(label="Search", max_length=200, widget=forms.SearchInput)
    kind = forms.ChoiceField(choices=[("", "All"), *KINDS.items()])

    def prepare(self) -> None:
        self._offer_owners(always=True)

    def rows(self) -> QuerySet[Artifact]:
        rows = self._by_owner(artifacts_for(self.user))
        for word in self._words():
            rows = rows.filter(title__icontains=word)
        if self.given("kind"):
            rows = rows.filter(kind=self.given("kind"))
        return rows.order_by(*self.ORDERS[self.order]).select_related("owner", "account", "deal")

"""The filters of the list pages. An export sees the same form, so it holds what the list shows.

``order`` names one of ``ORDERS``; what is not understood is said beside its field and narrows nothing.
"""

from typing import Any, ClassVar, Generic, TypeVar

from django import forms
from django.db.models import Case, F, IntegerField, Model, QuerySet, Value, When
from django.db.models.expressions import Combinable, OrderBy
from django.utils import timezone

from sales_app.crm import search
from sales_app.crm.access import accounts_for, activities_for, contacts_for, deals_for
from sales_app.crm.models import Account, Activity, Contact, Deal
from sales_app.crm.models.deal import CLOSED_STAGES, OPEN_STAGES, Stage
from sales_app.people.access import book_owner_ids
from sales_app.people.models import User

Row = TypeVar("Row", bound=Model)
Order = list[str | OrderBy | Combinable]

# Stages in the order a deal goes through them; their names would sort by the alphabet.
STAGE_PLACE = Case(
    *(When(stage=stage, then=Value(place)) for place, stage in enumerate(Stage)), output_field=IntegerField()
)


def _any(choices: Any, label: str = "All") -> list[tuple[str, str]]:
    return [("", label), *((value, name) for value, name in choices if value)]


def people_of(user: User) -> QuerySet[User]:
    """Whose records the user may see."""
    ids = book_owner_ids(user)
    people = User.objects.order_by("first_name", "last_name", "email")
    return people if ids is None else people.filter(pk__in=ids)


class Filters(forms.Form, Generic[Row]):
    ORDERS: ClassVar[dict[str, Order]]

    def __init__(self, data: Any, *, user: User) -> None:
        super().__init__(data)
        self.user = user
        self.prepare()
        for field in self.fields.values():
            field.required = False
        self.full_clean()
        self.order = data.get("order") if data.get("order") in self.ORDERS else self.usual_order()

    def prepare(self) -> None:
        """Fill the choices that depend on the user."""

    def usual_order(self) -> str:
        """The key of ``ORDERS`` that holds when none is asked for."""
        return next(iter(self.ORDERS))

    def rows(self) -> QuerySet[Row]:
        raise NotImplementedError

    def given(self, name: str) -> Any:
        return self.cleaned_data.get(name)

    @property
    def is_narrowed(self) -> bool:
        return any(value not in (None, "", False) for value in self.cleaned_data.values()) or bool(
            self.errors
        )

    def _words(self) -> list[str]:
        """Of what is searched for, at most ``search.MAX_WORDS``."""
        return (self.given("q") or "").replace("\0", " ").split()[: search.MAX_WORDS]

    def _owners(self) -> list[tuple[str, str]]:
        people = [(str(person.pk), str(person)) for person in people_of(self.user)]
        return [("", "All"), ("none", "Nobody"), *people] if len(people) > 1 else []

    def _by_owner(self, rows: QuerySet[Row]) -> QuerySet[Row]:
        owner = self.given("owner")
        if owner == "none":
            return rows.filter(owner=None)
        return rows.filter(owner=int(owner)) if owner else rows

    def _offer_owners(self, *, label: str = "Owner", always: bool = False) -> None:
        """``always``: such a row has an owner."""
        owners = [row for row in self._owners() if not (always and row[0] == "none")]
        if owners:
            self.fields["owner"] = forms.ChoiceField(choices=owners, label=label)


class AccountFilters(Filters[Account]):
    ORDERS = {
        "name": ["name_key", "id"],
        "-name": ["-name_key", "-id"],
        "arr": ["arr", "id"],
        "-arr": ["-arr", "id"],
        "employees": ["employees", "id"],
        "-employees": ["-employees", "id"],
        "-created": ["-created_at", "-id"],
    }
    q = forms.CharField(label="Search", max_length=200, widget=forms.SearchInput)
    status = forms.ChoiceField(choices=_any(Account.Status.choices))
    segment = forms.ChoiceField(choices=_any(Account.Segment.choices))
    industry = forms.ChoiceField()
    country = forms.ChoiceField()
    health = forms.ChoiceField(choices=_any(Account.Health.choices))

    def prepare(self) -> None:
        visible = accounts_for(self.user).order_by()
        for column in ("industry", "country"):
            values = sorted(value for value in visible.values_list(column, flat=True).distinct() if value)
            field = self.fields[column]
            assert isinstance(field, forms.ChoiceField)
            field.choices = _any((value, value) for value in values)
        self._offer_owners()

    def rows(self) -> QuerySet[Account]:
        rows = self._by_owner(accounts_for(self.user))
        if self.given("q"):
            rows = search.search_accounts(rows, self.given("q"))
        for column in ("status", "segment", "industry", "country", "health"):
            if self.given(column):
                rows = rows.filter(**{column: self.given(column)})
        return rows.order_by(*self.ORDERS[self.order]).select_related("owner")


class ContactFilters(Filters[Contact]):
    ORDERS = {
        "name": ["name_key", "id"],
        "-name": ["-name_key", "-id"],
        "account": ["account__name_key", "name_key", "id"],
        "-account": ["-account__name_key", "name_key", "id"],
        # Blanks last either way: databases differ, and nobody sorts to see them.
        "-contacted": [F("last_contacted_at").desc(nulls_last=True), "id"],
        "contacted": [F("last_contacted_at").asc(nulls_last=True), "id"],
    }
    q = forms.CharField(label="Search", max_length=200, widget=forms.SearchInput)
    role = forms.ChoiceField(label="Role in buying", choices=_any(Contact.Role.choices))

    def rows(self) -> QuerySet[Contact]:
        rows = contacts_for(self.user)
        if self.given("q"):
            rows = search.search_contacts(rows, self.given("q"))
        if self.given("role"):
            rows = rows.filter(role=self.given("role"))
        return rows.order_by(*self.ORDERS[self.order]).select_related("account")


class DealFilters(Filters[Deal]):
    ORDERS = {
        "close": ["close_date", "id"],
        "-close": ["-close_date", "-id"],
        "name": ["name_key", "id"],
        "-name": ["-name_key", "-id"],
        "-amount": ["-amount", "id"],
        "amount": ["amount", "id"],
        "stage": [STAGE_PLACE.asc(), "close_date", "id"],
        "-stage": [STAGE_PLACE.desc(), "close_date", "id"],
    }
    OPEN, CLOSED = "open", "closed"
    q = forms.CharField(label="Search", max_length=200, widget=forms.SearchInput)
    stage = forms.ChoiceField(
        choices=[("", "Open"), ("all", "All"), (CLOSED, "Closed"), *Stage.choices],
    )
    close_from = forms.DateField(label="Closes from", widget=forms.DateInput({"type": "date"}))
    close_to = forms.DateField(label="Closes until", widget=forms.DateInput({"type": "date"}))
    min_amount = forms.DecimalField(
        label="Amount from",
        min_value=0,
        max_digits=14,
        decimal_places=2,
        widget=forms.NumberInput({"step": "any"}),
    )
    competitor = forms.ChoiceField()

    def prepare(self) -> None:
        visible = deals_for(self.user).order_by()
        names = sorted(name for name in visible.values_list("competitor", flat=True).distinct() if name)
        field = self.fields["competitor"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = _any((name, name) for name in names)
        self._offer_owners()

    def rows(self) -> QuerySet[Deal]:
        rows = self._by_owner(deals_for(self.user))
        if self.given("q"):
            rows = search.search_deals(rows, self.given("q"))
        stage = self.given("stage")
        if stage == self.CLOSED:
            rows = rows.filter(stage__in=CLOSED_STAGES)
        elif stage in Stage.values:
            rows = rows.filter(stage=stage)
        elif stage != "all":
            rows = rows.filter(stage__in=OPEN_STAGES)
        for argument, condition in (
            ("close_from", "close_date__gte"),
            ("close_to", "close_date__lte"),
            ("min_amount", "amount__gte"),
            ("competitor", "competitor"),
        ):
            if self.given(argument):
                rows = rows.filter(**{condition: self.given(argument)})
        return rows.order_by(*self.ORDERS[self.order]).select_related("account", "owner")


class ActivityFilters(Filters[Activity]):
    ORDERS = {
        "-time": ["-starts_at", "-id"],
        "time": ["starts_at", "id"],
        "due": [F("due").asc(nulls_last=True), "id"],
        "-due": [F("due").desc(nulls_last=True), "id"],
    }
    WHEN = [
        ("", "Until now"),
        ("next", "Planned"),
        ("all", "All"),
        ("tasks", "Open tasks"),
        ("overdue", "Overdue tasks"),
    ]
    q = forms.CharField(label="Search", max_length=200, widget=forms.SearchInput)
    kind = forms.ChoiceField(choices=_any(Activity.Kind.choices))
    when = forms.ChoiceField(label="When", choices=WHEN)
    since = forms.DateField(label="From", widget=forms.DateInput({"type": "date"}))
    until = forms.DateField(label="Until", widget=forms.DateInput({"type": "date"}))

    def prepare(self) -> None:
        self._offer_owners()

    def usual_order(self) -> str:
        """Tasks by what is due next: when one was noted says little about when to do it."""
        return "due" if self.is_tasks else super().usual_order()

    @property
    def is_tasks(self) -> bool:
        return self.given("when") in ("tasks", "overdue")

    def rows(self) -> QuerySet[Activity]:
        rows = self._by_owner(activities_for(self.user))
        if self.given("q"):
            rows = search.search_activities(rows, self.given("q"))
        if self.given("kind"):
            rows = rows.filter(kind=self.given("kind"))
        if self.given("since"):
            rows = rows.filter(starts_at__date__gte=self.given("since"))
        if self.given("until"):
            rows = rows.filter(starts_at__date__lte=self.given("until"))
        rows = self._at(rows, self.given("when"))
        return rows.order_by(*self.ORDERS[self.order]).select_related("account", "contact", "deal", "owner")

    def _at(self, rows: QuerySet[Activity], when: str | None) -> QuerySet[Activity]:
        now = timezone.now()
        if when == "all":
            return rows
        if when == "next":
            return rows.filter(starts_at__gt=now)
        tasks = rows.filter(kind=Activity.Kind.TASK, done=False)
        if when == "tasks":
            return tasks
        if when == "overdue":
            return tasks.filter(due__lt=timezone.localdate())
        return rows.filter(starts_at__lte=now)

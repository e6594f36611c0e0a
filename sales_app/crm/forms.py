"""Forms for the main fields of each record."""

from typing import Any

from django import forms
from django.utils import timezone

from sales_app.crm.filters import people_of
from sales_app.crm.models import Account, Activity, Contact, Deal
from sales_app.crm.models.deal import USUAL_PROBABILITY, Stage
from sales_app.people.models import User

DATE = forms.DateInput({"type": "date"}, format="%Y-%m-%d")


def _moment() -> forms.DateTimeInput:
    return forms.DateTimeInput({"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")


class RecordForm(forms.ModelForm):  # type: ignore[type-arg]  # not subscriptable at run time
    """``version`` is the one the form was made from; see ``editing.py``."""

    version = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user
        self.initial["version"] = self.instance.version
        if "owner" in self.fields:
            self._offer_owners()

    def _offer_owners(self) -> None:
        """Only colleagues whose records this person sees: a record cannot be given away out of sight."""
        field = self.fields["owner"]
        assert isinstance(field, forms.ModelChoiceField)
        people = people_of(self.user)
        field.queryset = people.filter(is_active=True) | User.objects.filter(pk=self.instance.owner_id)
        field.empty_label = "Nobody"
        if self.instance.pk is None and not self.initial.get("owner"):
            self.initial["owner"] = self.user.pk

    def given_version(self) -> int:
        return self.cleaned_data.get("version") or 0

    def field_names(self) -> list[str]:
        return [name for name in self.fields if name != "version"]


class AccountForm(RecordForm):
    class Meta:
        model = Account
        fields = [
            "name",
            "domain",
            "status",
            "segment",
            "industry",
            "employees",
            "country",
            "region",
            "arr",
            "currency",
            "plan",
            "health",
            "owner",
            "next_step",
        ]


class ContactForm(RecordForm):
    class Meta:
        model = Contact
        fields = ["name", "title", "role", "email", "phone"]


class DealForm(RecordForm):
    class Meta:
        model = Deal
        fields = [
            "name",
            "stage",
            "amount",
            "currency",
            "close_date",
            "probability",
            "owner",
            "next_step",
            "competitor",
            "lost_reason",
        ]
        widgets = {"close_date": DATE}

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        if data.get("stage") == Stage.LOST and not data.get("lost_reason"):
            self.add_error("lost_reason", "Say in a few words why it was lost; reports count on it.")
        if "stage" in self.changed_data and "probability" not in self.changed_data and data.get("stage"):
            data["probability"] = USUAL_PROBABILITY[Stage(data["stage"])]
        return data

    def _post_clean(self) -> None:
        super()._post_clean()  # type: ignore[misc]  # Django's own step from cleaned data to instance
        if "stage" in self.changed_data:
            self.instance.stage_changed_at = timezone.now()

    def field_names(self) -> list[str]:
        return [*super().field_names(), "stage_changed_at"]


class ActivityForm(RecordForm):
    class Meta:
        model = Activity
        fields = [
            "kind",
            "subject",
            "body",
            "contact",
            "deal",
            "starts_at",
            "ends_at",
            "due",
            "done",
            "location",
            "attendees",
            "owner",
        ]
        widgets = {
            "starts_at": _moment(),
            "ends_at": _moment(),
            "due": DATE,
            "body": forms.Textarea({"rows": 6}),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        kind = self.fields["kind"]
        assert isinstance(kind, forms.TypedChoiceField)
        kind.choices = [("", "Choose"), *Activity.Kind.choices]
        # The page shows these beside a task alone (``crm.css``), so that needs no words.
        self.fields["due"].help_text = ""
        account = self.instance.account_id
        for name, rows in (
            ("contact", Contact.objects.filter(account=account)),
            ("deal", Deal.objects.filter(account=account)),
        ):
            field = self.fields[name]
            assert isinstance(field, forms.ModelChoiceField)
            if account is None:
                del self.fields[name]
            else:
                field.queryset = rows
                field.empty_label = "None"

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        if data.get("kind") != Activity.Kind.TASK:
            # Of a kind that was chosen before, or of a page that shows every field.
            data.update(due=None, done=False)
        starts, ends = data.get("starts_at"), data.get("ends_at")
        if starts and ends and ends < starts:
            self.add_error("ends_at", "The end lies before the start.")
        return data

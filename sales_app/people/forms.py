from typing import Any, cast
from zoneinfo import available_timezones

from django import forms
from django.contrib.auth.password_validation import password_validators_help_texts, validate_password
from django.db.models import Q

from sales_app.people.access import is_administrator
from sales_app.people.models import WEEKDAYS, Invitation, User, check_hours

ZONES = sorted(
    zone for zone in available_timezones() if "/" in zone and not zone.startswith(("Etc/", "posix", "right"))
)
DAY_NAMES = dict(
    zip(WEEKDAYS, ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"), strict=True)
)


def _zone_field() -> forms.ChoiceField:
    choices = [(zone, zone.replace("_", " ")) for zone in ["UTC", *ZONES]]
    return forms.ChoiceField(label="Time zone", choices=choices)


def _roles(by: User) -> list[tuple[str, str]]:
    """Those that this person may give."""
    administrator = User.Role.ADMINISTRATOR
    return [
        (value, str(label))
        for value, label in User.Role.choices
        if value != administrator or is_administrator(by)
    ]


class PlaceForm(forms.Form):
    """Somebody's role and manager."""

    role = forms.ChoiceField(choices=User.Role.choices)
    manager = forms.ModelChoiceField(
        User.objects.filter(role=User.Role.MANAGER, is_active=True), required=False, empty_label="Nobody"
    )

    def __init__(self, *args: Any, by: User, of: User | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        cast(forms.ChoiceField, self.fields["role"]).choices = _roles(by)
        if of is not None:
            # Who is their manager now stays a choice, also after leaving.
            managers = Q(role=User.Role.MANAGER, is_active=True) | Q(reports=of)
            field = cast("forms.ModelChoiceField[User]", self.fields["manager"])
            field.queryset = User.objects.filter(managers).exclude(pk=of.pk).distinct()
            self.initial = {"role": of.role, "manager": of.manager_id}


class InviteForm(PlaceForm):
    email = forms.EmailField(label="Email address", max_length=254)
    field_order = ("email", "role", "manager")


class AcceptForm(forms.Form):
    first_name = forms.CharField(max_length=150, widget=forms.TextInput(attrs={"autocomplete": "given-name"}))
    last_name = forms.CharField(max_length=150, widget=forms.TextInput(attrs={"autocomplete": "family-name"}))
    time_zone = _zone_field()
    password = forms.CharField(widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}))

    def __init__(self, *args: Any, invitation: Invitation, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.invitation = invitation
        self.fields["password"].help_text = " ".join(password_validators_help_texts())
        # The browser's own zone is put in by static/js/app.js.
        self.fields["time_zone"].widget.attrs["data-own-time-zone"] = ""

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        password = cleaned.get("password")
        if password:
            names = {name: cleaned.get(name, "") for name in ("first_name", "last_name")}
            try:
                validate_password(password, User(email=self.invitation.email, **names))
            except forms.ValidationError as problem:
                self.add_error("password", problem)
        return cleaned


class ProfileForm(forms.ModelForm):  # type: ignore[type-arg]
    time_zone = _zone_field()

    class Meta:
        model = User
        fields = ("first_name", "last_name", "title", "time_zone", "locale", "mail_notices")
        labels = {
            "locale": "Numbers and dates as in",
            "mail_notices": "Mail me when an answer or a question waits and I do not look",
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("first_name", "last_name"):
            self.fields[name].required = True
        zone = cast(forms.ChoiceField, self.fields["time_zone"])
        known = cast("list[tuple[str, str]]", zone.choices)
        if self.instance.time_zone not in dict(known):
            # An older name of a zone is still a zone.
            zone.choices = [(self.instance.time_zone, self.instance.time_zone), *known]
        hours = self.instance.working_hours or {}
        for day, name in DAY_NAMES.items():
            span = hours.get(day, ["", ""])
            self.fields[f"{day}_start"] = self._time(f"{name} from", span[0])
            self.fields[f"{day}_end"] = self._time(f"{name} to", span[1])

    @staticmethod
    def _time(label: str, initial: str) -> forms.TimeField:
        widget = forms.TimeInput(attrs={"type": "time"}, format="%H:%M")
        return forms.TimeField(label=label, required=False, initial=initial, widget=widget)

    def plain_fields(self) -> list[Any]:
        return [self[name] for name in self.Meta.fields]

    def days(self) -> list[tuple[str, Any, Any]]:
        return [(name, self[f"{day}_start"], self[f"{day}_end"]) for day, name in DAY_NAMES.items()]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        hours = {}
        for day, name in DAY_NAMES.items():
            start, end = cleaned.get(f"{day}_start"), cleaned.get(f"{day}_end")
            if {f"{day}_start", f"{day}_end"} & set(self.errors):
                continue
            if (start is None) != (end is None):
                self.add_error(f"{day}_end", f"{name}: give both times, or none for a free day.")
            elif start is not None and end is not None:
                if start >= end:
                    self.add_error(f"{day}_end", f"{name}: the end must be after the start.")
                hours[day] = [start.strftime("%H:%M"), end.strftime("%H:%M")]
        if not self.errors:
            check_hours(hours)
        self.instance.working_hours = hours
        return cleaned

from typing import Any
from zoneinfo import available_timezones

from django import forms
from django.contrib.auth.password_validation import validate_password

from sales_app.people.models import WEEKDAYS, User, check_hours

ZONES = sorted(
    zone for zone in available_timezones() if "/" in zone and not zone.startswith(("Etc/", "posix", "right"))
)
DAY_NAMES = dict(
    zip(WEEKDAYS, ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"), strict=True)
)


class InviteForm(forms.Form):
    email = forms.EmailField(label="E-mail address")
    role = forms.ChoiceField(choices=User.Role.choices)
    manager = forms.ModelChoiceField(
        User.objects.filter(role=User.Role.MANAGER, is_active=True), required=False, empty_label="Nobody"
    )


class AcceptForm(forms.Form):
    first_name = forms.CharField(max_length=150)
    last_name = forms.CharField(max_length=150)
    password = forms.CharField(
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}), help_text="At least 8 characters."
    )

    def clean_password(self) -> str:
        password: str = self.cleaned_data["password"]
        validate_password(password)
        return password


class ProfileForm(forms.ModelForm):  # type: ignore[type-arg]
    time_zone = forms.ChoiceField(choices=[(zone, zone.replace("_", " ")) for zone in ["UTC", *ZONES]])

    class Meta:
        model = User
        fields = ("first_name", "last_name", "title", "time_zone", "locale")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        hours = self.instance.working_hours or {}
        for day, name in DAY_NAMES.items():
            span = hours.get(day, ["", ""])
            self.fields[f"{day}_start"] = self._time(f"{name} from", span[0])
            self.fields[f"{day}_end"] = self._time(f"{name} to", span[1])

    @staticmethod
    def _time(label: str, initial: str) -> forms.TimeField:
        widget = forms.TimeInput(attrs={"type": "time"}, format="%H:%M")
        return forms.TimeField(label=label, required=False, initial=initial, widget=widget)

    def days(self) -> list[tuple[str, Any, Any]]:
        return [(name, self[f"{day}_start"], self[f"{day}_end"]) for day, name in DAY_NAMES.items()]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        hours = {}
        for day, name in DAY_NAMES.items():
            start, end = cleaned.get(f"{day}_start"), cleaned.get(f"{day}_end")
            if bool(start) != bool(end):
                self.add_error(f"{day}_end", f"{name}: give both times, or none for a free day.")
            elif start and end:
                hours[day] = [start.strftime("%H:%M"), end.strftime("%H:%M")]
        try:
            check_hours(hours)
        except forms.ValidationError as problem:
            self.add_error(None, problem)
        self.instance.working_hours = hours
        return cleaned

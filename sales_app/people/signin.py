"""allauth's forms in the product's words.

Without placeholders: they repeat the labels in other words and look like values.
"""

from typing import Any

from allauth.account.forms import ChangePasswordForm, LoginForm
from django import forms


def _without_placeholders(form: forms.Form) -> None:
    for field in form.fields.values():
        field.widget.attrs.pop("placeholder", None)


class SignInForm(LoginForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _without_placeholders(self)


class NewPasswordForm(ChangePasswordForm):
    LABELS = {
        "oldpassword": "Current password",
        "password1": "New password",
        "password2": "New password again",
    }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _without_placeholders(self)
        for name, label in self.LABELS.items():
            self.fields[name].label = label

"""The form to sign in with."""

from typing import Any

from allauth.account.forms import LoginForm


class SignInForm(LoginForm):
    """allauth's, without placeholders: they repeat the labels in other words and look like values."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            field.widget.attrs.pop("placeholder", None)

"""Forgotten passwords. Whether an address has an account must show neither in the answer nor in its time.

So the request only queues the address, known or not; the worker looks for the account and writes the message.
"""

from typing import Any

from django import forms
from django.http import HttpRequest

from sales_app.people import tasks


class ResetForm(forms.Form):
    """In the place of allauth's ``ResetPasswordForm``; its view calls ``save(request)``."""

    email = forms.EmailField(label="Email address", widget=forms.EmailInput(attrs={"autocomplete": "email"}))

    def save(self, request: HttpRequest, **kwargs: Any) -> str:
        email: str = self.cleaned_data["email"]
        tasks.soon(tasks.send_reset, email=email, site=request.build_absolute_uri("/").rstrip("/"))
        return email

"""What allauth asks us about accounts."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django.contrib.auth import get_user
from django.http import HttpRequest

from sales_app.people import tasks
from sales_app.people.models import User
from sessions_app.live.kick import kick_user


class AccountAdapter(DefaultAccountAdapter):
    error_messages = {
        **DefaultAccountAdapter.error_messages,
        "email_password_mismatch": "This address and this password do not belong together.",
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False  # people are invited

    def set_password(self, user: User, password: str) -> None:
        """Logins made with the old password end by themselves; the connections they opened are told."""
        user.set_password(password)
        user.save(update_fields=["password"])
        kick_user(user.pk)

    def logout(self, request: HttpRequest) -> None:
        user = get_user(request)
        super().logout(request)
        if user.pk:
            kick_user(user.pk)

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Render here, where the request is known; send from the worker, which tries again."""
        message = self.render_mail(
            template_prefix, email, {"request": self.request, "email": email, **context}
        )
        tasks.soon(tasks.deliver, subject=message.subject, text=message.body, to=message.to)

    def format_email_subject(self, subject: str) -> str:
        return subject  # allauth would put the site's name in brackets before it

"""Where e-mail goes: an SMTP server, or files that can be read."""

from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured

EXAMPLE = "smtp+tls://user:password@mail.example.com:587"


def settings_for(url: str, data_dir: Path) -> dict[str, Any]:
    """Django's EMAIL_* settings. Without a URL each message becomes a file in ``data_dir/mail``, and what people
    write to each other arrives in their mailboxes.

    ``smtp+tls`` is STARTTLS (port 587), ``smtps`` TLS from the start (465), ``smtp`` plain (25).
    Raises ``ImproperlyConfigured`` for any other scheme.
    """
    if not url:
        return {
            "EMAIL_BACKEND": "sales_app.mail.backend.MailboxBackend",
            "EMAIL_FILE_PATH": data_dir / "mail",
        }
    parts = urlsplit(url)
    ports = {"smtp": 25, "smtp+tls": 587, "smtps": 465}
    if parts.scheme not in ports or not parts.hostname:
        raise ImproperlyConfigured(f"CLEWLINE_SMTP_URL must look like {EXAMPLE} (or smtps:// or smtp://).")
    return {
        "EMAIL_BACKEND": "django.core.mail.backends.smtp.EmailBackend",
        "EMAIL_HOST": parts.hostname,
        "EMAIL_PORT": parts.port or ports[parts.scheme],
        "EMAIL_HOST_USER": unquote(parts.username or ""),
        "EMAIL_HOST_PASSWORD": unquote(parts.password or ""),
        "EMAIL_USE_TLS": parts.scheme == "smtp+tls",
        "EMAIL_USE_SSL": parts.scheme == "smtps",
        "EMAIL_TIMEOUT": 15,
    }

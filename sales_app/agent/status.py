"""What people are told about the model in use."""

from django.conf import settings


def is_stand_in() -> bool:
    return not settings.CLEWLINE_ANTHROPIC_API_KEY

"""What people are told about the model in use."""

from django.conf import settings

from sales_app.agent.models import agent_settings


def is_stand_in() -> bool:
    return not settings.CLEWLINE_ANTHROPIC_API_KEY


def model_label() -> str:
    """For the page: the model's name, or that no real model is connected."""
    return "Stand-in model (no key set)" if is_stand_in() else agent_settings().model

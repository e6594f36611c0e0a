from typing import Any

from django import template
from django.db.models import QuerySet

from sales_app.artifacts import about
from sales_app.artifacts.models import Artifact

register = template.Library()


@register.simple_tag(takes_context=True)
def artifacts_of(context: template.Context, **record: Any) -> QuerySet[Artifact]:
    """The latest artifacts of an account or a deal that the reader may see."""
    return about.artifacts_of(context["request"].user, **record)

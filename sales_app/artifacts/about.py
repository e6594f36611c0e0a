"""What was made about a customer or a deal, for their pages."""

from typing import Any

from django.db.models import Max, QuerySet

from sales_app.artifacts.access import artifacts_for
from sales_app.artifacts.models import Artifact
from sales_app.people.models import User

MOST = 10


def artifacts_of(user: User, **about: Any) -> QuerySet[Artifact]:
    """The latest, at most ``MOST``, with the number of the last version as ``last``."""
    rows = artifacts_for(user).filter(**about).annotate(last=Max("versions__number"))
    return rows.order_by("-created_at", "-pk")[:MOST]

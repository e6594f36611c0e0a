"""The first policy, which comes with Clewline. Installed once; from then on the organisation's own versions count."""

import json
from datetime import date
from pathlib import Path
from typing import Any

from sales_app.pricing import store
from sales_app.pricing.models import PriceVersion

SHIPPED = Path(__file__).parent / "shipped.json"
NOTE = "Came with Clewline"
FIRST_DAY = date(2020, 1, 1)


def shipped_terms() -> dict[str, Any]:
    value: dict[str, Any] = json.loads(SHIPPED.read_text(encoding="utf-8"))
    return value


def install_shipped() -> PriceVersion | None:
    """None where there are prices already. Two processes that start at once make one version."""
    if PriceVersion.objects.exists():
        return None
    try:
        version = store.draft(shipped_terms(), by=None, note=NOTE, effective_from=FIRST_DAY, latest_seen=0)
        return store.publish(version, by=None, note=NOTE, seen=0)
    except store.PricingError:
        return None

"""The copilot's list prices, so that the admin's table shows what is charged from the first day."""

from decimal import Decimal
from typing import Any

from django.db import migrations

from sales_app.agent.pricing import LIST_PRICES


def write(apps: Any, schema_editor: Any) -> None:
    prices = apps.get_model("sales_app", "ModelPrice").objects
    for (model, above), price in LIST_PRICES.items():
        names = ("input", "output", "cache_read", "cache_write")
        values = {name: Decimal(value) for name, value in zip(names, price, strict=True)}
        prices.get_or_create(model=model, prompt_above=above, defaults=values)


class Migration(migrations.Migration):
    dependencies = [("sales_app", "0001_people_crm_copilot")]

    operations = [migrations.RunPython(write, migrations.RunPython.noop)]

"""Saving an edited record without overwriting somebody else's edit.

A form carries the version that it was made from. Saving claims the next one by a conditional update; who comes
second is shown what changed meanwhile, keeps what they typed, and decides.
"""

from typing import Any, TypeVar

from django import forms
from django.db import models, transaction
from django.db.models import F

from sales_app.crm.models.key import KeyField

Row = TypeVar("Row", bound=models.Model)


class Changed(Exception):
    """Somebody else saved first. ``current`` is the record as it is now; None: it was deleted."""

    def __init__(self, current: models.Model | None) -> None:
        super().__init__("changed meanwhile")
        self.current = current


def save_edit(instance: Row, *, version: int, fields: list[str]) -> Row:
    """Write ``fields`` of ``instance`` if the stored record still has ``version``. Raises ``Changed``."""
    model = type(instance)
    rows: Any = model._default_manager
    keys = [field.name for field in model._meta.concrete_fields if isinstance(field, KeyField)]
    with transaction.atomic():
        claimed = rows.filter(pk=instance.pk, version=version).update(version=F("version") + 1)
        if claimed:
            instance.save(update_fields=[*fields, *keys])
            return instance
    raise Changed(rows.filter(pk=instance.pk).first())


def differences(form: "forms.ModelForm[Any]", current: models.Model) -> list[dict[str, str]]:
    """Fields where the record now differs from what this person has in the form: label, theirs, yours."""
    found = []
    for bound in form.visible_fields():
        if bound.name not in form.cleaned_data:
            continue
        theirs, yours = getattr(current, bound.name), form.cleaned_data[bound.name]
        if (theirs or "") != (yours or ""):
            found.append({"label": str(bound.label), "theirs": _shown(theirs), "yours": _shown(yours)})
    return found


def _shown(value: Any) -> str:
    return "(empty)" if value in (None, "") else str(value)

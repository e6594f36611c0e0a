"""Saving an edited record without overwriting somebody else's edit, and with a line in the audit trail.

A form carries the version that it was made from. Saving claims the next one by a conditional update; who comes
second is shown what changed meanwhile, keeps what they typed, and decides.
"""

from typing import Any, TypeVar

from django import forms
from django.db import models, transaction
from django.db.models import F

from sales_app.crm.models.key import KeyField
from sales_app.people.audit import record
from sales_app.people.models import User

Row = TypeVar("Row", bound=models.Model)


class Changed(Exception):
    """Somebody else saved first. ``current`` is the record as it is now; None: it was deleted."""

    def __init__(self, current: models.Model | None) -> None:
        super().__init__("changed meanwhile")
        self.current = current


def save_edit(
    instance: Row, *, version: int, fields: list[str], by: User, run: str = "", what: str = "changed"
) -> Row:
    """Write ``fields`` of ``instance`` if the stored record still has ``version``. Raises ``Changed``.

    ``run`` is the agent's run that did it for ``by``; ``what`` names it in the audit trail.
    """
    model = type(instance)
    rows: Any = model._default_manager
    keys = [field.name for field in model._meta.concrete_fields if isinstance(field, KeyField)]
    with transaction.atomic():
        claimed = rows.filter(pk=instance.pk, version=version).update(version=F("version") + 1)
        if claimed:
            before = rows.get(pk=instance.pk)
            instance.save(update_fields=[*fields, *keys])
            changed = changes(before, instance, fields)
            if changed:
                note(by, what, instance, changed, run=run)
            return instance
    raise Changed(rows.filter(pk=instance.pk).first())


def changes(before: models.Model, after: models.Model, fields: list[str]) -> dict[str, Any]:
    """``{field: [before, after]}`` of those that differ, as texts."""
    pairs = {name: [shown(getattr(before, name)), shown(getattr(after, name))] for name in fields}
    return {name: pair for name, pair in pairs.items() if pair[0] != pair[1]}


def note(
    by: User | None, what: str, row: models.Model, data: dict[str, Any] | None = None, *, run: str = ""
) -> None:
    """A line in the audit trail about one record: ``crm.changed``, ``deal 12: Acme renewal``."""
    target = f"{row._meta.verbose_name} {row.pk}: {row}"[:200]
    record(by, f"crm.{what}", target, {**(data or {}), **({"run": run} if run else {})})


def shown(value: Any) -> str:
    """Half a paragraph at most: the trail says what was done, it keeps no second copy of long texts."""
    return "" if value is None else str(value)[:200]


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

"""``update_field``: one field of one record, with the validation of the page where people edit it."""

from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.utils import timezone

from sales_app.agent.tools.records import FORMS, find, named, visible
from sales_app.agent.tools.registry import Change, Doer, Json, Outcome, Plan, person, register
from sales_app.agent.tools.schemas import schema_of, text
from sales_app.crm import arguments
from sales_app.crm.editing import Changed, changes, save_edit, shown
from sales_app.crm.errors import CrmError, UnknownValue
from sales_app.crm.forms import RecordForm
from sales_app.people.access import can
from sales_app.people.models import User
from sessions_app.runs.effects import ChangedSince
from sessions_app.session.access import NotAllowed

Value = str | int | float | bool | None


class Invalid(CrmError):
    """A value that the record does not take; the message says which it would."""

    code = "invalid_value"


def plan(user: User, *, record: str, ref: str | int, field: str, value: Value) -> Plan:
    row = find(user, record, ref)
    version = row.version
    with timezone.override(ZoneInfo(user.time_zone)):
        form = _filled(user, record, row, field, value)
        edited = [
            {
                "label": _label(form, name),
                "before": _read(form, name, form[name].initial),
                "after": _read(form, name, form.cleaned_data.get(name)),
            }
            for name in _touched(user, record, row, form, field)
        ]
    return Plan(
        args={
            "record": record,
            "ref": row.pk,
            "field": field,
            "value": _meant(user, FORMS[record](instance=row, user=user), field, value),
            "version": version,
        },
        title=f"Mark {row} as done"
        if field == "done" and form.cleaned_data["done"]
        else f"Change {_label(form, field).lower()} of {record} {row}",
        changes=edited,
    )


def apply(doer: Doer, *, record: str, ref: int, field: str, value: Value, version: int) -> Outcome:
    """Raises Invalid, NotFound; of a save that came in between, Invalid too: the model reads the record again."""
    row = find(doer.user, record, ref)
    with timezone.override(ZoneInfo(doer.user.time_zone)):
        before = type(row)._default_manager.get(pk=row.pk)
        form = _filled(doer.user, record, row, field, value)
        names = _touched(doer.user, record, before, form, field)
        names += [name for name in form.field_names() if name not in form.fields and field == "stage"]
        try:
            saved = save_edit(form.instance, version=version, fields=names, by=doer.user, run=doer.run_id)
        except Changed:
            raise Invalid(f"Somebody changed {row} just now. Read it again.", quotes=[row]) from None
        edited = changes(before, saved, names)
        written = [
            f"{_label(form, name)}: {_read(form, name, getattr(saved, name)) or 'empty'}"
            for name in edited
            if name in form.fields
        ]
    undo = {
        "record": record,
        "id": row.pk,
        "version": version + 1,
        "fields": {name: _stored(before, name) for name in edited},
        "run": doer.run_id,
    }
    summary = (
        f"{saved}: {', '.join(written)}" if written else f"{saved}: nothing to change, it was so already"
    )
    value_now = {"changed": named(saved), "record": record, "fields": edited}
    return Outcome(value=value_now, summary=summary[:300], undo=undo if edited else None)


def undo(actor: str, data: Json) -> None:
    """Raises ChangedSince, NotAllowed."""
    user = person(actor)
    row = visible(user, data["record"], data["id"]) if user and can(user, "crm.write") else None
    if user is None or row is None:
        raise NotAllowed("You cannot change this record.")
    for name, value in data["fields"].items():
        field = row._meta.get_field(name)
        setattr(row, field.attname, field.to_python(value) if not field.is_relation else value)
    try:
        save_edit(
            row, version=data["version"], fields=list(data["fields"]), by=user, run=data["run"], what="undone"
        )
    except Changed:
        raise ChangedSince() from None


def _filled(user: User, record: str, row: Any, field: str, value: Value) -> RecordForm:
    """The page's form with one field changed, valid. Raises UnknownValue, Invalid."""
    blank = FORMS[record](instance=row, user=user)
    offered = blank.field_names()
    if field not in blank.fields or field == "version":
        names = ", ".join(name for name in offered if name in blank.fields)
        raise UnknownValue(f"{record} has no field {field!r} that can be changed. There are: {names}.")
    data = _data(blank)
    data[field] = _meant(user, blank, field, value)
    form = FORMS[record](data, instance=row, user=user)
    if form.is_valid():
        return form
    said, quotes = [], []
    for name, errors in form.errors.items():
        said.append(f"{name}: {' '.join(str(error) for error in errors)}{_allowed(blank, name)}")
        quotes += _rows(blank, name)
    raise Invalid(" ".join(said), quotes=quotes)


def _meant(user: User, form: RecordForm, field: str, value: Value) -> Any:
    """People and records by name, choices by label; the rest as the form reads it."""
    if value is None or value == "":
        return ""
    widget = form.fields[field]
    if field == "owner" and isinstance(value, str | int):
        return arguments.owner(user, value).pk
    if field in {"contact", "deal"} and isinstance(value, str | int):
        return find(user, field, value).pk
    if isinstance(widget, forms.TypedChoiceField):
        for known, label in _choices(widget):
            if str(value).casefold().replace("_", " ") in {known.replace("_", " "), label.casefold()}:
                return known
    return value


def _choices(field: forms.ChoiceField) -> list[tuple[str, str]]:
    return [(str(known), str(label)) for known, label in field.choices if known]  # type: ignore[misc, union-attr]


def _allowed(form: RecordForm, name: str) -> str:
    field = form.fields.get(name)
    if isinstance(field, forms.ModelChoiceField):
        rows = _rows(form, name)
        return f" There are: {', '.join(map(str, rows))}." if rows else ""
    if isinstance(field, forms.TypedChoiceField):
        return f" It is one of {', '.join(known for known, _ in _choices(field))}."
    if isinstance(field, forms.DateField):
        return " Write a day as 2026-03-31."
    return ""


def _rows(form: RecordForm, name: str) -> list[Any]:
    """The records that the field offers."""
    field = form.fields.get(name)
    return list(field.queryset[:20]) if isinstance(field, forms.ModelChoiceField) and field.queryset else []


def _touched(user: User, record: str, row: Any, form: RecordForm, field: str) -> list[str]:
    """The field, and what follows from it, such as the probability from a stage; nothing else of the record is written."""
    same = FORMS[record](_data(form), instance=type(row)._default_manager.get(pk=row.pk), user=user)
    same.is_valid()
    unlike = [
        name
        for name, value in form.cleaned_data.items()
        if name not in {field, "version"} and value != same.cleaned_data.get(name)
    ]
    return [field, *unlike]


def _data(form: RecordForm) -> dict[str, Any]:
    """The record as the form would send it back unchanged."""
    return {name: form[name].initial for name in form.fields}


def _row(field: "forms.ModelChoiceField[Any]", pk: Any) -> Any:
    return field.queryset.filter(pk=pk).first() if pk and field.queryset is not None else None


def _label(form: RecordForm, name: str) -> str:
    return str(form[name].label) if name in form.fields else name.replace("_", " ")


def _read(form: RecordForm, name: str, value: Any) -> str:
    """As a person reads it."""
    field = form.fields[name]
    if isinstance(field, forms.ModelChoiceField) and isinstance(value, int):
        value = _row(field, value)
    if isinstance(field, forms.TypedChoiceField):
        return dict(_choices(field)).get(str(value or ""), "")
    if isinstance(value, bool):
        return "yes" if value else "no"
    return shown(value)


def _stored(row: Any, name: str) -> Any:
    """As JSON keeps it, for the way back."""
    field = row._meta.get_field(name)
    return (
        getattr(row, field.attname)
        if field.is_relation
        else field.value_to_string(row)
        if (getattr(row, name) is not None)
        else None
    )


register(
    Change(
        name="update_field",
        description="Change one field of an account, contact, deal or activity. Look the record up first; give its id.",
        schema=schema_of(
            ["record", "ref", "field", "value"],
            record=text("What kind of record.", enum=list(FORMS)),
            ref={"type": ["string", "integer"], "description": "Id or exact name. Of an activity, its id."},
            field=text(
                "Name of the field, for example next_step, stage, amount, close_date, owner, phone, done."
            ),
            value={
                "type": ["string", "number", "boolean", "null"],
                "description": "The new value. A day as 2026-11-24, a colleague by name, null to empty the field.",
            },
        ),
        plan=plan,
        pins=("version",),
        apply=apply,
        undo=undo,
    )
)

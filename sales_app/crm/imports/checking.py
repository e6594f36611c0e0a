"""One row of the file: its values as the model takes them, or what is wrong with it."""

from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import ForeignKey

from sales_app.crm.access import accounts_for, activities_for, contacts_for, deals_for
from sales_app.crm.imports.columns import MODELS, REQUIRED, resource_for
from sales_app.crm.imports.reading import Line
from sales_app.crm.models import Account, Activity, Contact, Deal
from sales_app.people.models import User

ROWS_FOR = {Account: accounts_for, Contact: contacts_for, Deal: deals_for, Activity: activities_for}
SHOWN_CHARACTERS = 80


@dataclass(kw_only=True)
class Checked:
    line: int
    values: dict[str, Any] = field(default_factory=dict)  # JSON's types; references by id
    target: int | None = None
    errors: list[dict[str, Any]] = field(default_factory=list)

    def refuse(self, column: str, value: str, message: str) -> None:
        self.errors.append(
            {"line": self.line, "column": column, "value": value[:SHOWN_CHARACTERS], "message": message}
        )


class Checker:
    """Checks row after row, and remembers what it has seen: an external id may stand in the file once."""

    def __init__(self, kind: str, user: User) -> None:
        self.kind = kind
        self.model = MODELS[kind]
        self.fields = resource_for(kind, user).fields
        self.seen: dict[str, int] = {}
        mine = ROWS_FOR[self.model](user).exclude(external_id=None).values_list("external_id", "pk")
        self.mine: dict[str, int] = dict(mine.order_by())
        everybody = self.model._default_manager.exclude(external_id=None)
        self.taken: set[str] = set(everybody.order_by().values_list("external_id", flat=True))

    def check(self, line: Line) -> Checked:
        row = Checked(line=line.number)
        if line.surplus:
            row.refuse(
                "",
                "",
                f"{line.surplus} more cells than headings. Put quotation marks around commas in a cell.",
            )
        self._find_target(row, line.cells.get("external_id", ""))
        for name, written in line.cells.items():
            if written:
                self._clean(row, name, written, line.cells)
            elif name in REQUIRED[self.kind] and row.target is None:
                row.refuse(name, "", "A new record needs a value here.")
        self._check_together(row)
        if row.target is None:
            for name in REQUIRED[self.kind]:
                if name not in line.cells:
                    row.refuse(name, "", "No record has this external_id, and a new one needs this column.")
        return row

    def _find_target(self, row: Checked, external_id: str) -> None:
        if not external_id:
            return
        if external_id in self.seen:
            row.refuse("external_id", external_id, f"Stands on line {self.seen[external_id]} already.")
        self.seen.setdefault(external_id, row.line)
        row.target = self.mine.get(external_id)
        if row.target is None and external_id in self.taken:
            row.refuse("external_id", external_id, "Belongs to a record that you may not change.")

    def _clean(self, row: Checked, name: str, written: str, cells: dict[str, str]) -> None:
        column = self.model._meta.get_field(name)
        try:
            value = self.fields[name].widget.clean(written, row=cells)
            if name == "currency":
                value = value.upper()
            if not isinstance(column, ForeignKey):
                column.clean(value, None)
        except ValueError as error:
            row.refuse(name, written, str(error))
        except ValidationError as error:
            row.refuse(name, written, " ".join(error.messages))
        else:
            row.values[name] = value

    def _check_together(self, row: Checked) -> None:
        starts, ends = row.values.get("starts_at"), row.values.get("ends_at")
        if ends and starts and ends < starts:
            row.refuse("ends_at", ends, "The end lies before the start.")
        if ends and not starts:
            row.refuse("ends_at", ends, "Give starts_at too.")

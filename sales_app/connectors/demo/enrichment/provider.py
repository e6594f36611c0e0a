"""~~enrichment: what is known of a company outside."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, time
from pathlib import Path

from django.urls import reverse

from sales_app.connectors.arguments import key, moment
from sales_app.connectors.base import Item
from sales_app.connectors.demo.files import Row, folder, reference_of
from sales_app.connectors.demo.reader import Json, Operation, Reader
from sales_app.crm.access import accounts_for
from sales_app.people.models import User

DATA = Path(__file__).parent / "data"


class EnrichmentProvider(Reader):
    """Of the accounts that the person may see. News come newest first.

    ``companies.jsonl``: ``{"account": external id, "as_of": days, "founded", "headquarters", "employees", "growth", "revenue",
    "tools": [], "partners": [], "statement", "statement_source"}``. ``news.jsonl``: ``{"id", "account", "day", "title", "text",
    "source"}``. Days count from the day of loading.

    ``meta`` of the company: these fields, ``growth`` in percent of employees in a year, ``as_of`` as ISO 8601. Of news: ``source``.
    """

    name = "demo_enrichment"
    title = "Demo company data"
    category = "enrichment"

    def __init__(self, data: Path | None = None) -> None:
        self.folder = folder(data, DATA)

    def operations(self) -> Mapping[str, Operation]:
        return {"company": self._company, "news": self._news}

    def _about(self, user: User, name: str, account: int) -> list[Row]:
        reference = reference_of(user, account)
        return [row for row in self.folder.rows(name) if reference and row["account"] == reference]

    def _company(self, user: User, arguments: Json) -> Iterator[Item]:
        account, when = key(arguments, "account") or 0, self.folder.calendar()
        for row in self._about(user, "companies", account):
            day = when.day(row["as_of"])
            meta = {name: value for name, value in row.items() if name not in {"account", "as_of"}}
            yield Item(
                id=str(account),
                kind="company",
                at=datetime.combine(day, time(6), UTC),
                title=accounts_for(user).values_list("name", flat=True).get(pk=account),
                text=when.text(row.get("statement", "")),
                account=account,
                url=_page(account),
                untrusted=True,
                meta={**meta, "as_of": day.isoformat()},
            )

    def _news(self, user: User, arguments: Json) -> Iterator[Item]:
        account, since, when = (
            key(arguments, "account") or 0,
            moment(arguments, "since"),
            self.folder.calendar(),
        )
        rows = self._about(user, "news", account)
        items = [
            Item(
                id=row["id"],
                kind="news",
                at=datetime.combine(when.day(row["day"]), time(6), UTC),
                title=when.text(row["title"]),
                text=when.text(row["text"]),
                account=account,
                url=f"{_page(account)}#{row['id']}",
                untrusted=True,
                meta={"source": row["source"]},
            )
            for row in rows
        ]
        for item in sorted(items, key=lambda item: (item.at, item.id), reverse=True):
            if since is None or item.at >= since:
                yield item


def _page(account: int) -> str:
    return reverse("source", args=["enrichment", account])

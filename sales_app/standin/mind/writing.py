"""Markdown from rows. Names, subjects and notes were typed by others: they are shown as text, never as markup."""

import re
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any

Json = dict[str, Any]

SIGNS = {"USD": "$", "EUR": "€", "GBP": "£", "JPY": "¥"}
SEGMENTS = {"smb": "SMB", "mid": "Mid-market", "enterprise": "Enterprise"}
MARKUP = re.compile(r"([\\`*_\[\]<>|#~])")


def plain(text: Any, *, limit: int = 160) -> str:
    """One line of somebody's words."""
    line = " ".join(str(text).split())
    if len(line) > limit:
        line = line[:limit].rsplit(" ", 1)[0] + "…"
    return MARKUP.sub(r"\\\1", line)


def link(row: Json, label: str = "name") -> str:
    text = plain(row.get(label) or row.get("name") or row.get("subject") or "?", limit=80)
    url = str(row.get("url", ""))
    return f"[{text}]({url})" if re.fullmatch(r"/[\w/-]+", url) else text


def account_link(row: Json) -> str:
    """The account that a deal, contact or activity belongs to."""
    name, pk = row.get("account"), row.get("account_id")
    if not name:
        return ""
    return f"[{plain(name, limit=80)}](/accounts/{pk}/)" if isinstance(pk, int) else plain(name, limit=80)


def money(amount: Any, currency: str = "USD") -> str:
    """``$12,300``; cents only where there are some."""
    text = f"{float(amount):,.2f}".removesuffix(".00")
    sign = SIGNS.get(currency)
    return f"{sign}{text}" if sign else f"{text} {currency}"


def sums(rows: Sequence[Json]) -> str:
    """``$1,200 and €300``."""
    return joined([money(row["amount"], row["currency"]) for row in rows]) or "nothing"


def day(text: Any) -> str:
    """``24 Nov 2026``."""
    found = _date(text)
    return f"{found.day} {found:%b %Y}" if found else plain(text)


def weekday(text: Any) -> str:
    found = _date(text)
    return f"{found:%A}, {found.day} {found:%B}" if found else plain(text)


def _date(text: Any) -> date | None:
    try:
        return datetime.fromisoformat(str(text)).date()
    except ValueError:
        return None


def stage(text: Any) -> str:
    return str(text).replace("_", " ").capitalize()


def word(text: Any) -> str:
    value = str(text or "")
    return SEGMENTS.get(value, value.replace("_", " ").capitalize())


def role(text: Any) -> str:
    return str(text or "").replace("_", " ").capitalize()


def count(number: int, noun: str) -> str:
    if number == 1:
        return f"1 {noun}"
    plural = noun[:-1] + "ies" if noun.endswith("y") else noun + "s"
    return f"{number:,} {plural}"


def joined(parts: Iterable[str]) -> str:
    found = [part for part in parts if part]
    return found[0] if len(found) == 1 else " and ".join([", ".join(found[:-1]), found[-1]]) if found else ""


def table(heads: Sequence[str], rows: Sequence[Sequence[str]], *, numbers: Sequence[str] = ()) -> str:
    """Columns without any value are left out; those named in ``numbers`` stand to the right."""
    used = [at for at in range(len(heads)) if any(row[at] for row in rows)]
    lines = [
        "| " + " | ".join(heads[at] for at in used) + " |",
        "|" + "|".join(" ---: " if heads[at] in numbers else " --- " for at in used) + "|",
    ]
    lines += ["| " + " | ".join(row[at] or "–" for at in used) + " |" for row in rows]
    return "\n".join(lines)


def shown(result: Json, noun: str) -> str:
    """``the first 10 are listed``, or nothing when all of them are."""
    items, total = len(result.get("items", [])), result.get("total", 0)
    if items >= total:
        return ""
    return " Here is the first." if items == 1 else f" Here are the first {items}."


def accounts(rows: Sequence[Json]) -> str:
    return table(
        ["Account", "Segment", "Industry", "Country", "Status", "ARR", "Owner"],
        [
            [
                link(row),
                word(row.get("segment")),
                plain(row.get("industry", "")),
                plain(row.get("country", "")),
                word(row.get("status")) + (f", {word(row['health']).lower()}" if row.get("health") else ""),
                money(row["arr"], row.get("currency", "USD")) if float(row.get("arr", 0)) else "",
                plain(row.get("owner", "")),
            ]
            for row in rows
        ],
        numbers=["ARR"],
    )


def deals(rows: Sequence[Json], *, of_account: bool = False) -> str:
    return table(
        ["Deal", "Account", "Stage", "Amount", "Closes", "Next step"],
        [
            [
                link(row),
                "" if of_account else account_link(row),
                stage(row.get("stage", "")),
                money(row["amount"], row.get("currency", "USD")),
                day(row["close_date"]) if row.get("close_date") else "",
                plain(row.get("next_step", ""), limit=60),
            ]
            for row in rows
        ],
        numbers=["Amount"],
    )


def contacts(rows: Sequence[Json], *, of_account: bool = False) -> str:
    return table(
        ["Name", "Title", "Role", "Account", "Email", "Phone", "Last contact"],
        [
            [
                link(row),
                plain(row.get("title", "")),
                role(row.get("role", "")),
                "" if of_account else account_link(row),
                plain(row.get("email", "")),
                plain(row.get("phone", "")),
                day(row["last_contacted"]) if row.get("last_contacted") else "",
            ]
            for row in rows
        ],
    )


def activities(rows: Sequence[Json], *, of_account: bool = False) -> str:
    """A list: what was said is longer than a cell."""
    lines = []
    for row in rows:
        line = f"- **{day(row['starts_at'])}** {word(row.get('kind')).lower()}: {link(row, 'subject')}"
        if not of_account and row.get("account"):
            line += f", {account_link(row)}"
        if row.get("contact"):
            line += f", with {plain(row['contact'])}"
        if row.get("body"):
            line += f"  \n  {plain(row['body'], limit=180)}"
        lines.append(line)
    return "\n".join(lines)


def tasks(rows: Sequence[Json], today: date) -> str:
    lines = []
    for row in rows:
        due = _date(row.get("due"))
        when = "" if due is None else f" (due {day(row['due'])}{', **overdue**' if due < today else ''})"
        where = f", {account_link(row)}" if row.get("account") else ""
        lines.append(f"- {link(row, 'subject')}{where}{when}")
    return "\n".join(lines)

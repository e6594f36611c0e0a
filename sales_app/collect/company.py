"""What is known of a company outside: figures, what it says in public, the tools and partners it uses, news with their day."""

from datetime import date, timedelta

from sales_app.collect.base import Asking, collector
from sales_app.collect.heard import when
from sales_app.collect.origin import of_item
from sales_app.collect.words import day, listed, short, stop, whole
from sales_app.connectors import Item, Reading, ask
from sales_app.facts import Fact

NEWS_BACK = timedelta(days=365)
NEWS_MOST = 10


@collector(
    "company",
    "Look up what the company says in public",
    kinds=("company_profile", "company_statement", "tools_in_use", "news"),
    needs=("account",),
)
async def company(asking: Asking) -> list[Fact]:
    assert asking.account is not None
    about = str(asking.account.pk)
    profile = await ask(asking.user, "enrichment", "company", account=about)
    since = (asking.now - NEWS_BACK).isoformat()
    news = await ask(asking.user, "enrichment", "news", account=about, since=since)
    facts = [fact for item in profile.items for fact in _of_company(item, profile, asking)]
    items = sorted(news.items, key=lambda item: (item.at, item.id), reverse=True)[:NEWS_MOST]
    return [*facts, *(_news(item, place, news, asking) for place, item in enumerate(items))]


def _of_company(item: Item, reading: Reading, asking: Asking) -> list[Fact]:
    meta, today = item.meta, asking.local.date()
    as_of = day(date.fromisoformat(meta["as_of"]), today) if meta.get("as_of") else day(item.at.date(), today)
    facts: list[Fact] = []
    parts = []
    if meta.get("founded"):
        parts.append(f"founded in {meta['founded']}")
    if meta.get("headquarters"):
        parts.append(f"based in {meta['headquarters']}")
    if meta.get("employees"):
        parts.append(f"{meta['employees']:,} people")
    growth = meta.get("growth")
    if isinstance(growth, int | float):
        parts.append(f"{'grew' if growth >= 0 else 'shrank'} by {abs(growth)}% in a year")
    if meta.get("revenue"):
        parts.append(f"revenue {meta['revenue']}")
    if parts:
        facts.append(
            Fact(
                kind="company_profile",
                text=f"{item.title}: {', '.join(parts)} (company data of {as_of}).",
                sources=(of_item(item, reading, quote=", ".join(parts)),),
                rank=90.0,
                values={
                    name: meta[name]
                    for name in ("founded", "headquarters", "employees", "growth", "revenue", "as_of")
                    if name in meta
                },
            )
        )
    statement = item.text.strip().strip('"“”')
    if statement:
        who = str(meta.get("statement_source") or "in public")
        facts.append(
            Fact(
                kind="company_statement",
                text=f'{who[:1].upper()}{who[1:]}: "{short(statement, 160)}" (read on {as_of}).',
                sources=(of_item(item, reading, quote=statement),),
                rank=60.0,
                values={"said": statement, "source": who},
            )
        )
    named = [(kind, [str(each) for each in meta.get(kind, ())]) for kind in ("tools", "partners")]
    shown = [f"{kind}: {listed(values)}" for kind, values in named if values]
    if shown:
        facts.append(
            Fact(
                kind="tools_in_use",
                text=f"In use there, by company data of {as_of}: {'; '.join(shown)}.",
                sources=(of_item(item, reading, quote="; ".join(shown)),),
                rank=50.0,
                values=dict(named),
            )
        )
    return facts


def _news(item: Item, place: int, reading: Reading, asking: Asking) -> Fact:
    told = str(item.meta.get("source") or "")
    return Fact(
        kind="news",
        text=f"{stop(item.title)[:-1]} ({when(item.at, asking)}{', ' + told if told else ''}): {stop(whole(item.text, 120))}",
        sources=(of_item(item, reading, quote=short(item.text, 240)),),
        rank=80.0 - place,
        values={"title": item.title, "day": item.at.date().isoformat(), "source": told},
    )

"""What is known outside of the demo company's accounts: figures, tools in use, what they say in public, news."""

import random
from collections.abc import Iterator
from typing import Any, Final

from sales_app.demo.generate import Account
from sales_app.demo.sources.company import World, is_open, reference
from sales_app.demo.sources.phrases import fill

SEED: Final = 20260105
Row = dict[str, Any]

CITIES: Final = {
    "United States": ("Columbus", "Denver", "Charlotte", "Minneapolis", "Sacramento"),
    "Canada": ("Calgary", "Hamilton", "Halifax"),
    "United Kingdom": ("Leeds", "Bristol", "Sheffield", "Cardiff"),
    "Germany": ("Hannover", "Bielefeld", "Augsburg", "Kassel"),
    "France": ("Lyon", "Nantes", "Lille"),
    "Netherlands": ("Utrecht", "Tilburg", "Zwolle"),
    "Sweden": ("Malmö", "Västerås", "Umeå"),
    "Spain": ("Zaragoza", "Bilbao", "Murcia"),
    "Australia": ("Geelong", "Newcastle", "Adelaide"),
    "Singapore": ("Singapore",),
    "Japan": ("Nagoya", "Sendai", "Okayama"),
}
# All of these are invented.
TOOLS: Final = (
    "Orbisuite ERP", "Kontara ERP", "Stellwerk Finance", "Idlane identity", "Keyfold single sign-on", "Docwell archive",
    "Paylane payroll", "Chartroom reports", "Fieldbook maintenance", "Tasktide tickets", "Mailyard", "Cratehub warehouse",
)  # fmt: skip
PARTNERS: Final = (
    "Halden & Rowe auditors",
    "Brightmoor consulting",
    "Northgate systems house",
    "Tessera advisory",
    "Quay Street IT",
)
SOURCES: Final = ("Halcyon Business Wire", "The Regional Ledger", "Trade Post Daily", "their own press page")

STATEMENTS: Final = (
    ('"We want to know what we spend before we have spent it."', "Finance chief, in the annual report"),
    ('"Growth is not the difficult part. Keeping our processes up with it is."', "Managing director, in an interview"),
    ('"Every site shall decide for itself, within limits that everybody can see."', "Strategy page of their website"),
    ('"Our suppliers are paid on time, or we explain why not."', "Supplier charter on their website"),
    ('"By the end of [Y+1] no approval at {name} happens on paper."', "Programme \"Paperless\", press page"),
    ('"We have grown by buying companies; now we have to become one."', "Chair, at the general meeting"),
    ('"Cost discipline is a habit, not a project."', "Finance chief, in a trade magazine"),
    ('"Quality first, and then we look at the invoice."', "Founder, in an interview"),
)  # fmt: skip
NEWS: Final = (
    ("{name} opens a second site in {city}", "The new site begins work in [Q+1] and is to have <60|120|40> people by the end of [Y+1]."),
    ("New finance chief at {name}", "The post had been vacant since spring. The new one comes from a <logistics|retail|software> company and announces \"a year of tidying up\"."),
    ("{name} replaces its ERP", "The change is to be done by the end of [Y+1]. The old system, {tool}, will be switched off site by site."),
    ("Auditors see gaps in approvals at {name}", "The annual report mentions missing approvals in purchasing for the second year in a row. The management has promised to settle it before the next audit."),
    ("{name} buys a smaller rival", "With it come <three|two|five> sites and about <80|150|45> people. The price was not disclosed."),
    ("{name} reports a good half year", "Revenue is up <6|9|12> percent; the margin suffers from dearer material."),
    ("{name} pauses hiring", "Until the next budget no new posts are filled. A spokesperson calls it a precaution."),
    ("{name} wins a large customer", "The contract runs for four years. Purchasing volume is expected to rise by a fifth."),
    ("{name} signs a supplier charter", "Suppliers are to be paid within 30 days. Today the average is <41|52|47>."),
    ("{name} named a good employer", "The jury praised short ways to decisions. \"Except for expenses\", an employee is quoted."),
    ("{name} moves its head office within {city}", "The move takes place in [Q+1]. Nobody loses a job."),
)  # fmt: skip
HOLD: Final = (
    "{name} freezes spending",
    "All new projects wait for the [Q+1] budget, the management wrote to employees. Running contracts are not touched.",
)


def companies(world: World) -> Iterator[Row]:
    dice = random.Random(SEED)  # noqa: S311  # a fixed world, not a secret
    for number, account in enumerate(world.company.accounts):
        statement, source = dice.choice(STATEMENTS)
        yield {
            "account": reference("account", number),
            "as_of": -dice.randint(2, 60),
            "founded": dice.randint(1921, 2019),
            "headquarters": f"{dice.choice(CITIES[account.country])}, {account.country}",
            "employees": round(account.employees * dice.uniform(0.94, 1.08)),
            "growth": dice.randint(-9, 24),
            "revenue": _revenue(account, dice),
            "tools": sorted(dice.sample(TOOLS, dice.randint(2, 4))),
            "partners": dice.sample(PARTNERS, dice.randint(0, 2)),
            "statement": fill(statement, {"name": world.short_name(number)}, dice),
            "statement_source": source,
        }


def _revenue(account: Account, dice: random.Random) -> str:
    millions = account.employees * dice.uniform(0.09, 0.22)
    for least, most in ((1, 5), (5, 10), (10, 25), (25, 50), (50, 100), (100, 250), (250, 500)):
        if millions < most:
            return f"USD {least} to {most} million" if millions >= least else "below USD 1 million"
    return "above USD 500 million"


def news(world: World) -> Iterator[Row]:
    """Of those in whom news interest somebody: with an open deal, or not small."""
    dice = random.Random(SEED + 1)  # noqa: S311
    with_deal = {deal.account for deal in world.company.deals if is_open(deal)}
    on_hold = {
        world.activity(told).account
        for told in world.told
        if told.beat.startswith("On hold") and told.body == 2  # the text that speaks of a spending freeze
    }
    count = 0
    for number, account in enumerate(world.company.accounts):
        if number not in with_deal and account.segment == "smb":
            continue
        told = list(dice.sample(NEWS, dice.randint(1, 2)))
        if number in on_hold:
            told[0] = HOLD
        facts = {
            "name": world.short_name(number),
            "city": dice.choice(CITIES[account.country]),
            "tool": dice.choice(TOOLS[:2]),
        }
        for title, text in told:
            count += 1
            yield {
                "id": f"n{count}",
                "account": reference("account", number),
                "day": -dice.randint(1, 45) if (title, text) == HOLD else -dice.randint(1, 150),
                "title": fill(title, facts, dice),
                "text": fill(text, facts, dice),
                "source": dice.choice(SOURCES),
            }

"""Makes the demo company: ``python -m sales_app.demo.generate`` writes the files in ``data/``, always the same.

Mid-market and enterprise come from the base layer (``base.py``); small businesses, names, notes and calendars
are added here. Days count from the day of loading: -12 is twelve days earlier. A time is ``-12 10:30`` or, in the
calendars, ``w1.3 10:30``: Thursday of next week, both in the owner's own time zone.
"""

import json
import random
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Final

from sales_app.demo import stories, words
from sales_app.demo.base import read_base, write_packed
from sales_app.demo.people import PEOPLE, Person

DATA = Path(__file__).parent / "data"
SEED: Final = 20260101
SMALL_ACCOUNTS, MORE_MID_ACCOUNTS = 1010, 160
STAGES: Final = ("prospecting", "discovery", "evaluation", "proposal", "negotiation")
STAGE_WEIGHTS: Final = (18, 25, 24, 18, 15)
PROBABILITY: Final = {"prospecting": 10, "discovery": 20, "evaluation": 40, "proposal": 60, "negotiation": 80}
EMPLOYEES: Final = {
    "200-499": (200, 499),
    "500-999": (500, 999),
    "1000-1999": (1000, 1999),
    "2000+": (2000, 9000),
}
SLOTS: Final = ("09:30", "10:30", "11:30", "13:00", "14:00", "15:00", "16:30")
PLANS: Final = {"smb": ("Team", "Starter"), "mid": ("Business",), "enterprise": ("Enterprise",)}


@dataclass(kw_only=True)
class Account:
    name: str
    domain: str
    industry: str
    segment: str
    employees: int
    country: str
    region: str
    owner: str
    age: int
    status: str = "prospect"
    plan: str = ""
    health: str = ""
    arr: int = 0
    next_step: str = ""


@dataclass(kw_only=True)
class Contact:
    account: int
    name: str
    email: str
    title: str
    role: str
    phone: str
    contacted: int | None = None  # days before loading


@dataclass(kw_only=True)
class Deal:
    account: int
    name: str
    owner: str
    stage: str
    amount: int
    close: int
    probability: int
    age: int
    in_stage: int
    next_step: str = ""
    competitor: str = ""
    lost_reason: str = ""


@dataclass(kw_only=True)
class Activity:
    kind: str
    subject: str
    owner: str
    when: str
    body: str = ""
    account: int | None = None
    contact: int | None = None
    deal: int | None = None
    minutes: int | None = None
    due: int | None = None
    done: bool = False
    location: str = ""
    attendees: str = ""


@dataclass
class Company:
    accounts: list[Account] = field(default_factory=list)
    contacts: list[Contact] = field(default_factory=list)
    deals: list[Deal] = field(default_factory=list)
    activities: list[Activity] = field(default_factory=list)


class Generator:
    def __init__(self, seed: int = SEED) -> None:
        self.random = random.Random(seed)  # noqa: S311  # a fixed world, not a secret
        self.company = Company()
        self.names: set[str] = set()
        self.people_at: dict[int, list[int]] = {}
        self.facts: dict[int, dict[str, str]] = {}

    def run(self) -> Company:
        for industry, region, employees, contacts, deals in read_base():
            self._account_from_base(industry, region, employees, contacts, deals)
        for _ in range(MORE_MID_ACCOUNTS):
            self._own_account("mid", deal_share=0.5)
        for _ in range(SMALL_ACCOUNTS):
            self._own_account("smb", deal_share=0.32)
        for number in range(len(self.company.accounts)):
            self._life_of(number)
        for person in PEOPLE:
            if person.role in {"rep", "bdr", "manager"}:
                self._calendar(person)
        return self.company

    # Accounts and people

    def _account_from_base(self, industry: str, region: str, band: str, contacts: Any, deals: Any) -> None:
        employees = self.random.randint(*EMPLOYEES[band])
        segment = "enterprise" if employees >= 1000 else "mid"
        countries = [name for name, row in words.COUNTRIES.items() if (row[0] == "AMER") == (region == "US")]
        account = self._account(words.FROM_LEADFORGE[industry], segment, employees, countries)
        titles = [(title, words.ROLES_FROM_LEADFORGE[role]) for title, role in contacts[:6]]
        self._contacts(account, titles)
        for amount, stage, days in deals:
            closed = {"closed_won": "won", "closed_lost": "lost"}.get(stage)
            self._deal(account, amount, closed or self._open_stage(), [day / 30 for day in days])

    def _own_account(self, segment: str, *, deal_share: float) -> None:
        small = segment == "smb"
        employees = int(self.random.triangular(4, 180, 24)) if small else self.random.randint(200, 900)
        industry = self.random.choice(words.SMALL_INDUSTRIES)
        account = self._account(industry, segment, employees, list(words.COUNTRIES))
        titles = self.random.sample(
            words.SMALL_TITLES if small else words.LARGE_TITLES, self.random.randint(1, 3)
        )
        self._contacts(account, titles)
        if self.random.random() < deal_share:
            amount = (
                self.random.randrange(1200, 9600, 60) if small else self.random.randrange(12000, 64000, 500)
            )
            stage = self.random.choices(("open", "won", "lost"), (47, 33, 20))[0]
            self._deal(account, amount, self._open_stage() if stage == "open" else stage, [])

    def _account(self, industry: str, segment: str, employees: int, countries: list[str]) -> int:
        country = self.random.choices(countries, [words.COUNTRIES[name][1] for name in countries])[0]
        region, _, forms, _ = words.COUNTRIES[country]
        while True:
            stem = self.random.choice(words.BEGINNINGS) + self.random.choice(words.ENDINGS)
            kind = self.random.choice(words.INDUSTRIES[industry])
            if f"{stem} {kind}" not in self.names:
                break
        self.names.add(f"{stem} {kind}")
        with_form = self.random.random() < 0.45
        self.company.accounts.append(
            Account(
                name=f"{stem} {kind} {self.random.choice(forms)}" if with_form else f"{stem} {kind}",
                domain=f"{stem}-{kind}.example".lower().replace(" ", "-"),
                industry=industry,
                segment=segment,
                employees=employees,
                country=country,
                region=region,
                owner="",
                age=self.random.randint(40, 900),
            )
        )
        return len(self.company.accounts) - 1

    def _contacts(self, account: int, titles: list[tuple[str, str]]) -> None:
        at = self.company.accounts[account]
        small = at.segment == "smb"
        roles = {role for _, role in titles}
        if "champion" not in roles:
            titles = [*titles, ("Office Manager" if small else "Accounts Payable Manager", "champion")]
        if "economic_buyer" not in roles and not (small and self.random.random() < 0.5):
            titles = [*titles, ("Managing Director" if small else "CFO", "economic_buyer")]
        numbers = self.people_at.setdefault(account, [])
        used: set[str] = set()
        for title, role in titles:
            while True:
                first = self.random.choice(words.FIRST_NAMES[at.region])
                last = self.random.choice(words.LAST_NAMES[at.region])
                if first not in used:
                    break
            used.add(first)
            phone = words.COUNTRIES[at.country][3].format(
                area=self.random.choice((212, 312, 415, 604, 617)),
                n=self.random.randint(0, 99),
                m=self.random.randint(10, 99),
            )
            numbers.append(len(self.company.contacts))
            self.company.contacts.append(
                Contact(
                    account=account,
                    name=f"{first} {last}",
                    email=f"{first}.{last}@{at.domain}".lower(),
                    title=title,
                    role=role if self.random.random() < 0.9 else "",
                    phone=phone if self.random.random() < 0.8 else "",
                )
            )

    # Deals

    def _open_stage(self) -> str:
        return self.random.choices(STAGES, STAGE_WEIGHTS)[0]

    def _deal(self, account: int, amount: int, stage: str, rhythm: list[float]) -> None:
        is_open = stage in STAGES
        age = self.random.randint(15, 160) if is_open else self.random.randint(90, 520)
        close = (
            self.random.randint(-12, 150 - 22 * STAGES.index(stage))
            if is_open
            else -self.random.randint(5, age - 40)
        )
        seats = max(5, amount // self.random.randint(110, 190) // 5 * 5)
        facts = self._facts_about(account, amount, seats)
        deal = Deal(
            account=account,
            name=f"{self.company.accounts[account].name}: {self._product(account, seats)}",
            owner="",
            stage=stage,
            amount=amount,
            close=close,
            probability=PROBABILITY.get(stage, 100 if stage == "won" else 0),
            age=age,
            in_stage=min(age, self.random.randint(1, 60)) if is_open else -close,
        )
        number = len(self.company.deals)
        self.company.deals.append(deal)
        self._story(number, deal, facts, rhythm)

    def _product(self, account: int, seats: int) -> str:
        bought = any(deal.account == account and deal.stage == "won" for deal in self.company.deals)
        if bought:
            return self.random.choice((f"{seats} more users", "budget module", "second site", "renewal"))
        return self.random.choice(
            (
                f"spend control, {seats} users",
                f"purchasing for {seats} users",
                "accounts payable",
                "approvals and budgets",
            )
        )

    def _facts_about(self, account: int, amount: int, seats: int) -> dict[str, str]:
        people = [self.company.contacts[number] for number in self.people_at[account]]
        champion = next((person for person in people if person.role == "champion"), people[0])
        buyer = next((person for person in people if person.role == "economic_buyer"), people[-1])
        pain = self.random.choice(words.PAINS)
        need = self.random.choice(words.NEEDS).format(
            limit=f"USD {self.random.choice((1000, 2500, 5000, 10000)):,}"
        )
        return {
            "account": self.company.accounts[account].name,
            "industry": self.company.accounts[account].industry.lower(),
            "champion": champion.name.split()[0] if champion is not buyer else champion.name,
            "champion_title": champion.title,
            "buyer": buyer.name if champion is not buyer else "the owner's partner",
            "buyer_title": buyer.title,
            "competitor": self.random.choice(words.COMPETITORS),
            "tool": self.random.choice(words.TOOLS),
            "pain": pain,
            "pain_short": pain,
            "need": need,
            "seats": str(seats),
            "amount": f"USD {amount:,}",
            "discount": str(self.random.choice((8, 10, 12, 15, 18, 20, 22, 25))),
        }

    def _story(self, number: int, deal: Deal, facts: dict[str, str], rhythm: list[float]) -> None:
        """Beats from the first contact up to where the deal is now, then what decides it."""
        reached = STAGES.index(deal.stage) + 1 if deal.stage in STAGES else len(STAGES)
        if deal.stage == "lost":
            reached = self.random.randint(2, len(STAGES))
        beats = [self.random.choice(stories.OPENING[stage]) for stage in STAGES[:reached]]
        last = self.random.randint(2, min(30, deal.age - 4)) if deal.stage in STAGES else -deal.close
        span = deal.age - last
        places = [self._place(rhythm, index, len(beats)) for index in range(len(beats))]
        for beat, place in zip(beats, places, strict=True):
            self._past(beat, round(deal.age - place * (span - 1)), deal.account, number, facts)
        if deal.stage == "won":
            self._past(self.random.choice(stories.WON), last, deal.account, number, facts)
        elif deal.stage == "lost":
            reason, named, beat = self.random.choice(stories.LOST)
            deal.lost_reason = reason
            deal.competitor = facts["competitor"] if named else ""
            self._past(beat, last, deal.account, number, facts)
        else:
            self._twist(number, deal, facts, last)

    def _place(self, rhythm: list[float], index: int, count: int) -> float:
        """Where in the deal's life a beat falls (0 first contact, 1 now): as in the base layer where it knows."""
        even = (index + 0.2) / count
        return min(0.95, (even + rhythm[min(index, len(rhythm) - 1)]) / 2) if rhythm else even

    def _twist(self, number: int, deal: Deal, facts: dict[str, str], last: int) -> None:
        fitting = [twist for twist in stories.TWISTS if deal.stage in twist.stages]
        twist = self.random.choices(fitting, [twist.weight for twist in fitting])[0]
        self._past(twist.beat, last, deal.account, number, facts)
        deal.next_step = self.random.choice(twist.next_steps).format(**facts)
        if self.random.random() < 0.1:
            deal.next_step = ""  # hygiene is never perfect
        if twist.competitor:
            deal.competitor = facts["competitor"]
        if twist.probability is not None and self.random.random() < 0.6:
            deal.probability = twist.probability
        if deal.next_step and self.random.random() < 0.45:
            self.company.activities.append(
                Activity(
                    kind="task",
                    subject=deal.next_step,
                    owner="",
                    when=f"-{last} 17:00",
                    body=f"From: {twist.beat.subject.format(**facts)}",
                    account=deal.account,
                    deal=number,
                    due=self.random.randint(-6, 12),
                )
            )

    def _past(
        self, beat: stories.Beat, age: int, account: int, deal: int | None, facts: dict[str, str]
    ) -> None:
        body = self.random.choice(beat.bodies).format(**facts)
        people = self.people_at[account]
        by_name = [n for n in people if facts["champion"] in self.company.contacts[n].name]
        contact = (by_name or people)[0]
        age = max(1, age)
        seen = self.company.contacts[contact].contacted
        if beat.kind != "note":
            self.company.contacts[contact].contacted = age if seen is None else min(seen, age)
        minutes = {"call": self.random.choice((15, 20, 30)), "meeting": self.random.choice((45, 60))}.get(
            beat.kind
        )
        self.company.activities.append(
            Activity(
                kind=beat.kind,
                subject=beat.subject.format(**facts),
                owner="",
                when=f"-{age} {self.random.choice(SLOTS)}",
                body=body,
                account=account,
                contact=contact,
                deal=deal,
                minutes=minutes,
                location=self.random.choice(words.CITIES) if beat.kind == "meeting" else "",
            )
        )

    # What follows from all of it

    def _life_of(self, number: int) -> None:
        account = self.company.accounts[number]
        deals = [deal for deal in self.company.deals if deal.account == number]
        won = [deal for deal in deals if deal.stage == "won"]
        if won or (not deals and self.random.random() < 0.16):
            account.status = "churned" if self.random.random() < 0.1 else "customer"
        account.owner = self._owner_of(account, has_deals=bool(deals))
        account.age = max([account.age, *(deal.age + 5 for deal in deals)])
        for deal in deals:
            deal.owner = account.owner
        amount = sum(deal.amount for deal in won) or self.random.randrange(1200, 12000, 120)
        facts = self._facts_about(number, amount, max(5, amount // 900 * 5))
        if account.status == "customer":
            account.arr = amount
            account.plan = self.random.choice(PLANS[account.segment])
            account.health = self.random.choices(("good", "watch", "at_risk", ""), (55, 22, 10, 13))[0]
            self._customer_notes(number, account, facts)
        elif account.status == "churned":
            account.plan = ""
            account.next_step = self.random.choice(("", "Ask again when their contract elsewhere ends"))
        elif not deals and self.random.random() < 0.75:
            for _ in range(self.random.randint(1, 3)):
                self._past(
                    self.random.choice(stories.OUTREACH), self.random.randint(2, 120), number, None, facts
                )
        open_deals = [deal for deal in deals if deal.stage in STAGES]
        if open_deals and not account.next_step:
            account.next_step = open_deals[0].next_step
        for activity in self.company.activities:
            if activity.account == number and not activity.owner:
                activity.owner = account.owner

    def _customer_notes(self, number: int, account: Account, facts: dict[str, str]) -> None:
        bad = {"Complaint about support", "Usage is falling"}
        beats = [beat for beat in stories.CUSTOMER if (beat.subject in bad) == (account.health == "at_risk")]
        for _ in range(self.random.randint(1, 3)):
            beat = self.random.choice(beats)
            self._past(beat, self.random.randint(3, 150), number, None, facts)
        if account.health == "at_risk":
            account.next_step = "Rescue call with {buyer}".format(**facts)

    def _owner_of(self, account: Account, *, has_deals: bool) -> str:
        americas = account.region == "AMER"
        if not has_deals and account.status == "prospect" and account.segment != "enterprise":
            return "tyrone" if americas else "sofie"
        if account.region == "APAC":
            return "mei"
        if account.segment == "smb":
            return "hector" if americas else "jasper"
        if americas:
            return "dana" if account.segment == "enterprise" or self.random.random() < 0.4 else "hector"
        return "katja" if account.segment == "enterprise" or self.random.random() < 0.5 else "jasper"

    # This week and next

    def _calendar(self, person: Person) -> None:
        deals = [
            (number, deal)
            for number, deal in enumerate(self.company.deals)
            if deal.owner == person.key and deal.stage in STAGES
        ]
        accounts = [n for n, account in enumerate(self.company.accounts) if account.owner == person.key]
        for week in (0, 1):
            for weekday in range(5):
                taken = self._internal(person, week, weekday)
                free = [slot for slot in SLOTS if slot[:2] not in taken]
                for slot in sorted(self.random.sample(free, self.random.randint(2, 3))):
                    when = f"w{week}.{weekday} {slot}"
                    if deals:
                        self._deal_meeting(person, when, *self.random.choice(deals))
                    elif accounts:
                        self._first_call(person, when, self.random.choice(accounts))

    def _internal(self, person: Person, week: int, weekday: int) -> set[str]:
        hours = set()
        for subject, day, at, minutes, body, roles in stories.INTERNAL:
            if person.role not in roles or day not in (None, weekday):
                continue
            boss = next((other.name for other in PEOPLE if other.key == person.manager), "the team")
            self.company.activities.append(
                Activity(
                    kind="meeting",
                    subject=subject,
                    owner=person.key,
                    when=f"w{week}.{weekday} {at}",
                    body=body,
                    minutes=minutes,
                    location="Video call",
                    attendees=boss,
                )
            )
            if minutes >= 30:
                hours.add(at[:2])
        if person.role == "manager":
            for report, slot in zip(
                [other for other in PEOPLE if other.manager == person.key],
                ("09:30", "10:30", "11:30", "16:30"),
                strict=False,
            ):
                if weekday == 1:
                    hours.add(slot[:2])
                    self.company.activities.append(
                        Activity(
                            kind="meeting",
                            subject=f"One-to-one with {report.first_name}",
                            owner=person.key,
                            when=f"w{week}.{weekday} {slot}",
                            body="Own topics first. Then two deals and one thing to learn.",
                            minutes=30,
                            location="Video call",
                            attendees=report.name,
                        )
                    )
        return hours

    def _deal_meeting(self, person: Person, when: str, number: int, deal: Deal) -> None:
        account = self.company.accounts[deal.account].name
        subject, body = {
            "prospecting": (
                f"First call: {account}",
                "Goal: find out who decides, and what it costs them today.",
            ),
            "discovery": (
                f"Discovery: {account}",
                "Goal: current process, number of users, deadline. Bring: two references.",
            ),
            "evaluation": (
                f"Demo for {account}",
                "Show: request, approval on the phone, budget view. Open: integration.",
            ),
            "proposal": (
                f"Proposal walk-through: {account}",
                "Goal: agree the decision path and the date. Bring: value sheet.",
            ),
            "negotiation": (
                f"Commercials: {account}",
                "Goal: terms and start date. Limit: what deal desk has approved.",
            ),
        }[deal.stage]
        if deal.next_step:
            body += f" Next step on record: {deal.next_step}."
        people = self.people_at[deal.account][:3]
        is_call = self.random.random() < 0.35
        self.company.activities.append(
            Activity(
                kind="call" if is_call else "meeting",
                subject=subject,
                owner=person.key,
                when=when,
                body=body,
                account=deal.account,
                contact=people[0],
                deal=number,
                minutes=30 if is_call else self.random.choice((30, 45)),
                location="Phone" if is_call else "Video call",
                attendees=", ".join(self.company.contacts[n].name for n in people),
            )
        )

    def _first_call(self, person: Person, when: str, account: int) -> None:
        people = self.people_at[account][:1]
        self.company.activities.append(
            Activity(
                kind="call",
                subject=f"Qualification call: {self.company.accounts[account].name}",
                owner=person.key,
                when=when,
                body="Questions: who approves purchases today, how many people, what happens when nobody does?",
                account=account,
                contact=people[0],
                minutes=20,
                location="Phone",
                attendees=self.company.contacts[people[0]].name,
            )
        )


def lines_of(rows: list[Any]) -> list[str]:
    """One JSON array per row, behind a line with the names of the columns."""
    columns = list(asdict(rows[0]))
    dumped = [
        json.dumps(list(asdict(row).values()), separators=(",", ":"), ensure_ascii=False) for row in rows
    ]
    return [json.dumps(columns), *dumped]


def files(company: Company) -> dict[str, list[str]]:
    return {
        "accounts.jsonl.gz": lines_of(company.accounts),
        "contacts.jsonl.gz": lines_of(company.contacts),
        "deals.jsonl.gz": lines_of(company.deals),
        "activities.jsonl.gz": lines_of(company.activities),
    }


if __name__ == "__main__":
    for name, lines in files(Generator().run()).items():
        write_packed(DATA / name, lines)

"""The demo company as its generator told it: which note belongs to which beat, and the facts behind it."""

from dataclasses import dataclass
from functools import cached_property

from sales_app.demo import stories
from sales_app.demo.generate import STAGES, Activity, Contact, Deal, Generator

LEGAL_FORMS = ("Inc.", "LLC", "Co.", "Ltd.", "Ltd", "plc", "LLP", "GmbH", "AG", "KG", "SAS", "SA", "B.V.", "N.V.", "AB",
               "S.L.", "S.A.", "Pty", "Pte.", "K.K.")  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Told:
    """One note of the CRM: ``beat`` is the beat's subject before names were filled in, ``body`` which of its texts was taken."""

    activity: int
    beat: str
    body: int
    facts: dict[str, str]


class Recording(Generator):
    """The generator, which also remembers what it told. It draws the same random numbers."""

    def __init__(self) -> None:
        super().__init__()
        self.told: list[Told] = []

    def _past(
        self, beat: stories.Beat, age: int, account: int, deal: int | None, facts: dict[str, str]
    ) -> None:
        super()._past(beat, age, account, deal, facts)
        number = len(self.company.activities) - 1
        text = self.company.activities[number].body
        body = next(n for n, each in enumerate(beat.bodies) if each.format(**facts) == text)
        self.told.append(Told(activity=number, beat=beat.subject, body=body, facts=facts))


class World:
    """The company, and what one asks about it."""

    def __init__(self) -> None:
        self.source = Recording()
        self.company = self.source.run()

    @cached_property
    def told(self) -> list[Told]:
        """What was told and took place, oldest first."""
        return sorted(self.source.told, key=lambda told: (-self.age(told), told.activity))

    @cached_property
    def upcoming(self) -> frozenset[int]:
        """Deals that are met in this week or the next."""
        return frozenset(
            activity.deal
            for activity in self.company.activities
            if activity.when.startswith("w") and activity.deal is not None
        )

    def activity(self, told: Told) -> Activity:
        return self.company.activities[told.activity]

    def age(self, told: Told) -> int:
        return -int(self.activity(told).when.split(" ")[0])

    def deal(self, told: Told) -> Deal | None:
        number = self.activity(told).deal
        return None if number is None else self.company.deals[number]

    def contacts(self, account: int) -> list[Contact]:
        return [self.company.contacts[number] for number in self.source.people_at[account]]

    def champion_and_buyer(self, told: Told) -> tuple[Contact, Contact] | None:
        """The two contacts of the facts; None where they are one person, or the buyer has no name."""
        people = self.contacts(self.activity(told).account or 0)
        champion = next((p for p in people if p.name.split()[0] == told.facts["champion"]), None)
        buyer = next((p for p in people if p.name == told.facts["buyer"]), None)
        return (champion, buyer) if champion and buyer and champion is not buyer else None

    def short_name(self, account: int) -> str:
        words = self.company.accounts[account].name.split()
        while words[-1] in LEGAL_FORMS:
            words.pop()
        return " ".join(words)


def is_open(deal: Deal) -> bool:
    return deal.stage in STAGES


def reference(kind: str, number: int) -> str:
    """The external id that the demo's loader gives."""
    return f"demo:{kind}:{number}"

"""The mailboxes of the demo company: what waits for an answer, what was answered, and what needs none."""

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

from sales_app.demo.generate import Contact
from sales_app.demo.people import PEOPLE, Person
from sales_app.demo.sources import letters
from sales_app.demo.sources.company import Told, World, is_open
from sales_app.demo.sources.letters import Letter
from sales_app.demo.sources.phrases import fill, spoken

SEED: Final = 20260103
WAITING_DEALS, WAITING_CUSTOMERS, ANSWERED = 6, 2, 3
CLOCKS: Final = ("08:12", "09:05", "09:48", "10:37", "11:20", "13:26", "14:09", "15:31", "16:44", "17:18")


@dataclass(kw_only=True)
class Mail:
    """``contact``, ``account`` are places in their files. ``answers`` is the place of the mail that this one answers; it was
    written ``after`` so many minutes."""

    owner: str
    sender: str
    address: str
    subject: str
    body: str
    when: str
    account: int | None = None
    contact: int | None = None
    answers: int | None = None
    after: int = 0


class Mailboxes:
    def __init__(self, world: World) -> None:
        self.world = world
        self.dice = random.Random(SEED)  # noqa: S311  # a fixed world, not a secret
        self.mails: list[Mail] = []

    def run(self) -> list[Mail]:
        for person in PEOPLE:
            if person.role == "rep":
                self._of_rep(person)
            elif person.role == "bdr":
                self._of_prospects(person)
            if person.role in ("rep", "bdr", "manager"):
                self._newsletters(person)
        return self.mails

    def _of_rep(self, person: Person) -> None:
        deals = list(self._latest(person.key, self._is_open_deal))
        self.dice.shuffle(deals)
        # Deals that are met these days first: their mails matter to whoever prepares.
        deals.sort(key=lambda told: self.world.activity(told).deal not in self.world.upcoming)
        matching = self._one_of_each_beat(deals)
        for n, told in enumerate(matching[: WAITING_DEALS + ANSWERED]):
            options = letters.OF_DEALS.get(told.beat, letters.ANY_DEAL)
            self._write(person, told, self.dice.choice(options), answered=n % 3 == 2)
        for told, options in zip(deals[-3:], (letters.THANKS, letters.AWAY, letters.ANY_DEAL), strict=True):
            self._write(person, told, self.dice.choice(options))
        customers = list(self._latest(person.key, self._is_customer))
        self.dice.shuffle(customers)
        subjects = self.dice.sample(letters.OF_CUSTOMERS, WAITING_CUSTOMERS + 1)
        for n, (told, letter) in enumerate(zip(customers, subjects, strict=False)):
            self._write(person, told, letter, answered=n == WAITING_CUSTOMERS)

    def _one_of_each_beat(self, deals: list[Told]) -> list[Told]:
        """Different situations before two of one."""
        seen: dict[str, int] = {}
        turns = []
        for place, told in enumerate(deals):
            turns.append((seen.get(told.beat, 0), place, told))
            seen[told.beat] = seen.get(told.beat, 0) + 1
        return [told for _, _, told in sorted(turns, key=lambda turn: turn[:2])]

    def _of_prospects(self, person: Person) -> None:
        prospects = list(self._latest(person.key, lambda told: self.world.activity(told).deal is None))
        self.dice.shuffle(prospects)
        for n, (told, letter) in enumerate(zip(prospects, letters.OF_PROSPECTS, strict=False)):
            self._write(person, told, letter, answered=n == 1)

    def _newsletters(self, person: Person) -> None:
        for sender, address, subject, body in self.dice.sample(letters.NEWSLETTERS, 2):
            when = f"-{self.dice.randint(1, 4)} {self.dice.choice(('06:00', '07:30'))}"
            self.mails.append(
                Mail(owner=person.key, sender=sender, address=address, subject=subject, body=body, when=when)
            )

    def _latest(self, owner: str, wanted: Callable[[Told], bool]) -> Iterator[Told]:
        """The last note of each account of the owner that is wanted, where champion and buyer are two people."""
        last: dict[int, Told] = {}
        for told in self.world.told:
            if self.world.activity(told).owner == owner:
                last[self.world.activity(told).account or 0] = told
        for told in last.values():
            if wanted(told) and self.world.champion_and_buyer(told):
                yield told

    def _is_open_deal(self, told: Told) -> bool:
        deal = self.world.deal(told)
        return deal is not None and is_open(deal)

    def _is_customer(self, told: Told) -> bool:
        account = self.world.company.accounts[self.world.activity(told).account or 0]
        return self.world.activity(told).deal is None and account.status == "customer"

    def _write(self, person: Person, told: Told, letter: Letter, *, answered: bool = False) -> None:
        champion, buyer = self.world.champion_and_buyer(told) or (None, None)
        if champion is None or buyer is None:
            raise ValueError("Nobody to write it.")
        facts = self._facts(person, told, champion, buyer)
        writer = champion if letter.by == "C" else buyer
        account = self.world.activity(told).account
        # A letter follows the note that it is about.
        latest = max(1, min(self.world.age(told), 7))
        mail = Mail(
            owner=person.key,
            sender=writer.name,
            address=writer.email,
            subject=fill(letter.subject, facts, self.dice),
            body=fill(letter.body, facts, self.dice),
            when=f"-{self.dice.randint(1, latest)} {self.dice.choice(CLOCKS)}",
            account=account,
            contact=self.world.company.contacts.index(writer),
        )
        self.mails.append(mail)
        if answered and letter.answer:
            self.mails.append(
                Mail(
                    owner=person.key,
                    sender=person.name,
                    address=person.email,
                    subject=f"Re: {mail.subject.removeprefix('Re: ')}",
                    body=fill(letter.answer, facts, self.dice),
                    when=mail.when,
                    account=account,
                    contact=mail.contact,
                    answers=len(self.mails) - 1,
                    after=self.dice.randint(12, 190),
                )
            )

    def _facts(self, person: Person, told: Told, champion: Contact, buyer: Contact) -> dict[str, str]:
        return {
            **spoken(told.facts),
            "account": self.world.short_name(self.world.activity(told).account or 0),
            "rep": person.first_name,
            "champ": champion.name.split()[0],
            "buyer": buyer.name.split()[0],
            "buyer_full": buyer.name,
        }


def made(world: World) -> list[Mail]:
    return Mailboxes(world).run()

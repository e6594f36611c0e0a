"""The recorded calls of the demo company: which ones, and what was said.

26 belong to deals that are won or lost. In those that were won, and with the better reps, some things are said more often (``ODDS``);
that is what somebody who compares the calls can find. ``planted`` says what is in which call, for tests and evaluations.
"""

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final

from sales_app.demo import words
from sales_app.demo.generate import Contact
from sales_app.demo.people import BY_KEY
from sales_app.demo.sources import talk
from sales_app.demo.sources.company import Told, World, is_open, reference
from sales_app.demo.sources.phrases import fill, sentence, spoken

Row = dict[str, Any]

SEED: Final = 20260102
OLDEST = 320  # days
BEST = frozenset({"dana", "katja", "mei"})

# Rep: calls of won deals, of lost deals.
CLOSED: Final = {"dana": (4, 2), "katja": (4, 2), "mei": (3, 2), "hector": (2, 3), "jasper": (1, 3)}
BEFORE: Final = ("Discovery with {champion}", "Demo for {account}", "Commercials with {buyer}")
AT_THE_END: Final = ("Lost to {competitor}", "Budget is gone")
OPEN: Final = (
    ("On hold until [Q+1] budget", "katja"),
    ("On hold until [Q+1] budget", "mei"),
    ("On hold until [Q+1] budget", "hector"),
    ("{competitor} is {discount}% cheaper", "katja"),
    ("{competitor} is {discount}% cheaper", "dana"),
    ("{champion} is leaving", "dana"),
    ("{buyer} asks for {discount}% discount", "hector"),
    ("Integration workshop", "hector"),
    ("Integration workshop", "jasper"),
    ("Verbal yes from {buyer}", "mei"),
    ("Pilot: halfway review", "jasper"),
    ("Short call with {champion}", "dana"),
)
CUSTOMERS: Final = (("Complaint about support", "jasper"), ("Quarterly review", "dana"))

# Signal: how likely in a call of a won deal with one of the best reps, won with another, lost with one of the best, lost with another.
ODDS: Final = {
    "cost_in_numbers": (0.9, 0.65, 0.3, 0.1),
    "decision_path": (0.85, 0.6, 0.3, 0.15),
    "alternatives": (0.75, 0.6, 0.35, 0.2),
    "deadline": (0.6, 0.45, 0.3, 0.2),
    "buyer_joins": (0.8, 0.5, 0.25, 0.1),
    "explores_objection": (0.75, 0.5, 0.3, 0.1),
    "recap": (0.85, 0.6, 0.3, 0.15),
    "dated_next_step": (0.95, 0.8, 0.35, 0.15),
    "feature_tour": (0.0, 0.1, 0.3, 0.65),
    "early_discount": (0.05, 0.15, 0.35, 0.6),
    "talks_over_objection": (0.0, 0.1, 0.3, 0.6),
}
MOST_LINES, FEWEST_LINES = 60, 22
MOST_SIGNALS = 7


@dataclass
class Talk:
    """A call in the making. ``lines``: who and what."""

    facts: dict[str, str]
    dice: random.Random
    buyer_is_there: bool
    lines: list[tuple[str, str]] = field(default_factory=list)

    def say(self, fragment: str) -> None:
        for line in fill(fragment, self.facts, self.dice).splitlines():
            self.lines.append((line[0], sentence(line[2:])))

    def fitting(self, fragments: talk.Fragments) -> list[str]:
        """Nobody speaks who is not there."""
        return [each for each in fragments if self.buyer_is_there or "\nB " not in f"\n{each}"]


class Writer:
    """Writes one call after the other; what was used lately is not used again soon."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.used: dict[str, int] = {}

    def choose(self, dice: random.Random, fragments: list[str]) -> str:
        seldom = min(self.used.get(each, 0) for each in fragments)
        chosen = dice.choice([each for each in fragments if self.used.get(each, 0) == seldom])
        self.used[chosen] = self.used.get(chosen, 0) + 1
        return chosen

    def write(self, number: int, told: Told, signals: frozenset[str], ending: str) -> Row:
        dice = random.Random(SEED + number)  # noqa: S311  # a fixed world, not a secret
        activity = self.world.activity(told)
        account = activity.account or 0
        champion, buyer = self.world.champion_and_buyer(told) or (self.world.contacts(account)[0],) * 2
        core = talk.CORE[told.beat][told.body]
        speaking = {line[0] for each in core for line in each.splitlines()}
        tech = self._technical(account, {champion.name, buyer.name}, dice)
        minutes = activity.minutes or 30
        call = Talk(
            facts=self._facts(told, champion, buyer, tech[0], minutes, dice),
            dice=dice,
            buyer_is_there="B" in speaking,
        )
        self._compose(call, told, core, signals, ending)
        people = {
            "R": [activity.owner, BY_KEY[activity.owner].title, "us"],
            "C": [champion.name, champion.title, "them"],
            "B": [buyer.name, buyer.title, "them"],
            "T": [tech[0], tech[1], "them"],
        }
        spoke = [who for who in "RCBT" if any(speaker == who for speaker, _ in call.lines)]
        title = activity.subject
        short = self.world.short_name(account)
        return {
            "id": f"call-{number:02}",
            "title": title if short in title else f"{title}, {short}",
            "when": activity.when,
            "minutes": minutes,
            "owner": activity.owner,
            "account": reference("account", account),
            "deal": "" if activity.deal is None else reference("deal", activity.deal),
            "people": [people[who] for who in spoke],
            "lines": [
                [at, spoke.index(who), text]
                for at, (who, text) in zip(_times(call, minutes), call.lines, strict=True)
            ],
        }

    def _compose(
        self, call: Talk, told: Told, core: talk.Fragments, signals: frozenset[str], ending: str
    ) -> None:
        def say(fragments: talk.Fragments) -> None:
            call.say(self.choose(call.dice, call.fitting(fragments)))

        def ask(signal: str) -> None:
            if signal in signals:
                say(
                    talk.ASKED_THE_BUYER[signal]
                    if call.buyer_is_there and signal in talk.ASKED_THE_BUYER
                    else talk.ASKED.get(signal) or talk.AGAINST[signal]
                )

        kind = {BEFORE[0]: "discovery", BEFORE[1]: "demo", BEFORE[2]: "commercials"}.get(told.beat)
        say(talk.SMALL_TALK)
        if kind:
            say(talk.AGENDA[kind])
        ask("feature_tour")
        call.say(self.choose(call.dice, list(core)))
        middle = ["cost_in_numbers", "alternatives", "deadline", "explores_objection", "talks_over_objection"]
        call.dice.shuffle(middle)
        for signal in middle:
            ask(signal)
        place = len(call.lines)
        for signal in ("early_discount", "decision_path", "buyer_joins", "recap"):
            ask(signal)
        with_buyer = f"{ending}_with_buyer"
        say(talk.ENDING[with_buyer if call.buyer_is_there and with_buyer in talk.ENDING else ending])
        # Details fill the call up, where the talk is about the matter.
        for least in (MOST_LINES - 20, FEWEST_LINES + 3, FEWEST_LINES):
            if len(call.lines) < least:
                end, call.lines = call.lines[place:], call.lines[:place]
                call.say(self.choose(call.dice, list(talk.DETAILS)))
                place = len(call.lines)
                call.lines += end

    def _technical(self, account: int, others: set[str], dice: random.Random) -> tuple[str, str]:
        for contact in self.world.contacts(account):
            if contact.role == "technical_buyer" and contact.name not in others:
                return contact.name, contact.title
        region = self.world.company.accounts[account].region
        taken = {name.split()[0] for name in others}
        first = dice.choice([name for name in words.FIRST_NAMES[region] if name not in taken])
        return f"{first} {dice.choice(words.LAST_NAMES[region])}", "IT Administrator"

    def _facts(
        self, told: Told, champion: Contact, buyer: Contact, tech: str, minutes: int, dice: random.Random
    ) -> dict[str, str]:
        facts = spoken(told.facts)
        invoices, one_in = dice.randrange(180, 1900, 20), dice.choice((4, 5, 6, 8))
        fee = dice.choice((35, 40, 45, 60, 75))
        cost = round(invoices * 12 / one_in * fee, -2)
        deliverable = dice.choice(talk.DELIVERABLES).format(**facts)
        return {
            **facts,
            "account_short": self.world.short_name(self.world.activity(told).account or 0),
            "rep": BY_KEY[self.world.activity(told).owner].first_name,
            "champ": champion.name.split()[0],
            "buyer_full": buyer.name,
            "buyer": buyer.name.split()[0],
            "tech": tech.split()[0],
            "minutes": str(minutes),
            "invoices": f"{invoices:,}",
            "one_in": {4: "four", 5: "five", 6: "six", 8: "eight"}[one_in],
            "fee": f"USD {fee}",
            "fee_total": f"{round(cost / 4, -2):,.0f}",
            "cost": f"{cost:,.0f}",
            "day": f"[W+{dice.randint(1, 2)}]",
            "later": f"[W+{dice.randint(3, 4)}]",
            "deliverable": deliverable,
            "deliverable_cap": sentence(deliverable),
        }


def _times(call: Talk, minutes: int) -> list[int]:
    """The second at which each line begins, as fast as people talk, over most of the call's length."""
    at, times = 3.0, []
    for _, text in call.lines:
        times.append(at)
        at += len(text.split()) / 2.5 + call.dice.uniform(0.6, 3.0)
    stretch = max(1.0, minutes * 60 * call.dice.uniform(0.8, 0.95) / at)
    return [round(each * stretch) for each in times]


def picked(world: World) -> Iterator[tuple[Told, str]]:
    """40 calls and how they went on: ``won``, ``lost``, ``open``, ``customer``. No account twice."""
    taken: set[int] = set()
    often: dict[tuple[str, int], int] = {}

    def first(candidates: list[Told]) -> Told:
        """The first one whose text was taken least often."""
        free = [each for each in candidates if world.activity(each).account not in taken]
        told = min(free, key=lambda each: often.get((each.beat, each.body), 0))
        taken.add(world.activity(told).account or 0)
        often[told.beat, told.body] = often.get((told.beat, told.body), 0) + 1
        return told

    dice = random.Random(SEED)  # noqa: S311  # a fixed world, not a secret
    usable = [
        told
        for told in world.told
        if world.age(told) <= OLDEST
        and world.activity(told).kind in ("call", "meeting")
        and world.champion_and_buyer(told)
    ]
    dice.shuffle(usable)

    def of(beat: str, owner: str, stage: str) -> list[Told]:
        return [
            told
            for told in usable
            if told.beat == beat
            and world.activity(told).owner == owner
            and (deal := world.deal(told)) is not None
            and (is_open(deal) if stage == "open" else deal.stage == stage)
        ]

    for beat, owner in OPEN:
        fitting = of(beat, owner, "open") or of(beat, "katja", "open") or of(beat, "jasper", "open")
        fitting.sort(key=lambda told: world.activity(told).deal not in world.upcoming)
        yield first(fitting), "open"
    at_the_end = iter(("Lost to {competitor}", "Budget is gone", "Lost to {competitor}"))
    turn = 0
    for owner, (won, lost) in CLOSED.items():
        for stage, count in (("won", won), ("lost", lost)):
            for n in range(count):
                beat = BEFORE[turn % len(BEFORE)]
                turn += 1
                if (stage == "lost" and n == 2) or (owner == "mei" and stage == "lost" and n == 1):
                    beat = next(at_the_end)
                yield first(of(beat, owner, stage) or of(BEFORE[2], owner, stage)), stage
    for beat, owner in CUSTOMERS:
        fitting = [t for t in usable if t.beat == beat and world.activity(t).deal is None]
        fitting.sort(key=lambda told: world.activity(told).owner != owner)
        yield first(fitting), "customer"


def signals_of(world: World, told: Told, outcome: str, dice: random.Random) -> tuple[frozenset[str], str]:
    """What is in a call, and how it ends (a key of ``talk.ENDING``)."""
    if told.beat in AT_THE_END:
        return frozenset(), "lost"
    if told.beat.startswith("On hold"):
        return frozenset(), "hold"
    if outcome == "customer":
        return frozenset(), "customer"
    best = world.activity(told).owner in BEST
    column = (0 if best else 1) + (2 if outcome == "lost" else 0)
    found = {signal for signal, odds in ODDS.items() if dice.random() < odds[column]}
    if outcome == "open":
        found &= {"decision_path", "recap", "dated_next_step"}
    if "explores_objection" in found:
        found.discard("talks_over_objection")
    if len(found) > MOST_SIGNALS:
        found.discard("deadline")
    if "B" in {line[0] for each in talk.CORE[told.beat][told.body] for line in each.splitlines()}:
        found.discard("buyer_joins")
    return frozenset(found), "dated_next_step" if "dated_next_step" in found else "vague_ending"


def made(world: World) -> list[tuple[Row, str, frozenset[str]]]:
    """Each call with how its deal went on and the signals that are in it."""
    writer = Writer(world)
    found = []
    for number, (told, outcome) in enumerate(picked(world), 1):
        signals, ending = signals_of(world, told, outcome, random.Random(SEED * 3 + number))  # noqa: S311
        found.append((writer.write(number, told, signals, ending), outcome, signals))
    return found


def planted(world: World | None = None) -> dict[str, tuple[str, frozenset[str]]]:
    """Call: (won, lost, open or customer, signals)."""
    return {row["id"]: (outcome, signals) for row, outcome, signals in made(world or World())}

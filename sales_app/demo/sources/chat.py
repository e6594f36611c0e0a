"""Who wrote what to whom: about deals of each rep, some of it waiting for them."""

import random
from typing import Any, Final

from sales_app.demo.people import BY_KEY, PEOPLE
from sales_app.demo.sources import chatter
from sales_app.demo.sources.company import Told, World, is_open, reference
from sales_app.demo.sources.phrases import fill, spoken

SEED: Final = 20260104
Row = dict[str, Any]


class Chat:
    def __init__(self, world: World) -> None:
        self.world = world
        self.dice = random.Random(SEED)  # noqa: S311  # a fixed world, not a secret
        self.rows: list[Row] = []

    def run(self) -> list[Row]:
        for turn, person in enumerate(each for each in PEOPLE if each.role == "rep"):
            deals = self._deals(person.key)
            # Each rep has other situations, so that not everybody is asked the same.
            waiting = [*chatter.UNANSWERED[turn:], *chatter.UNANSWERED[:turn]][:4]
            done = [*chatter.ANSWERED[turn % 2 :], *chatter.ANSWERED[: turn % 2]][:3]
            for told, (where, messages) in zip(deals, [*waiting, *done], strict=False):
                self._thread(person.key, told, where, messages)
        for number, (channel, author, text, answers) in enumerate(chatter.NEWS):
            first = self._add(channel, author, text, when=f"-{number % 5 + 1} {9 + number:02}:15")
            for place, (who, answer) in enumerate(answers, 1):
                self._add(channel, who, answer, thread=first, after=place * 17)
        return self.rows

    def _deals(self, owner: str) -> list[Told]:
        last: dict[int, Told] = {}
        for told in self.world.told:
            deal = self.world.deal(told)
            if deal and deal.owner == owner and is_open(deal) and self.world.champion_and_buyer(told):
                last[deal.account] = told
        deals = list(last.values())
        self.dice.shuffle(deals)
        deals.sort(key=lambda told: self.world.activity(told).deal not in self.world.upcoming)
        return deals

    def _thread(self, rep: str, told: Told, where: str, messages: tuple[tuple[str, str], ...]) -> None:
        boss = chatter.MANAGER[rep]
        who = {
            "rep": rep,
            "boss": boss,
            "bdr": chatter.BDR[boss],
            "indira": "indira",
            "peer": self.dice.choice([each.key for each in PEOPLE if each.role == "rep" and each.key != rep]),
        }
        team = "deals-americas" if boss == "grace" else "deals-international"
        place, _, other = where.partition(" ")
        channel = chatter.direct(rep, who[other]) if other else team if place == "team" else place
        facts = self._facts(rep, told)
        first, after = "", 0
        for author, text in messages:
            words = fill(text, facts, self.dice)
            if not first:
                when = f"-{self.dice.randint(1, 5)} {self.dice.choice(('08:50', '10:20', '11:45', '14:30', '16:05'))}"
                account = reference("account", self.world.activity(told).account or 0)
                mentions = [rep] if author != "rep" and "@" in text else []
                first = self._add(channel, who[author], words, when=when, account=account, mentions=mentions)
            else:
                after += self.dice.randint(8, 55)
                self._add(channel, who[author], words, thread=first, after=after)

    def _add(self, channel: str, author: str, text: str, **more: Any) -> str:
        id = f"m{len(self.rows) + 1:03}"
        self.rows.append(
            {"id": id, "channel": channel, "author": author, "text": text}
            | {name: value for name, value in more.items() if value}
        )
        return id

    def _facts(self, rep: str, told: Told) -> dict[str, str]:
        champion, buyer = self.world.champion_and_buyer(told) or (None, None)
        return {
            **spoken(told.facts),
            "account": self.world.short_name(self.world.activity(told).account or 0),
            "rep": BY_KEY[rep].first_name,
            "champ": champion.name.split()[0] if champion else "",
            "buyer": buyer.name.split()[0] if buyer else "",
        }


def made(world: World) -> list[Row]:
    return Chat(world).run()

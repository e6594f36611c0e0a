"""What an asset for a customer says: which one and why, their problem in their words, what changes, proof, what comes next.

A customer may read it, so it holds nothing that was said in confidence, names no rival and no other customer, and quotes nobody on
our price. The choice and its reason are for us: the section that holds them is in ``data["internal"]``.
"""

import re
from typing import Any

from sales_app.collect.asset_kind import Choice, choose
from sales_app.collect.base import Asking, collector
from sales_app.collect.commitments import sentences, spoken
from sales_app.collect.concerns import Care, best_sentence, cares, plain_lines
from sales_app.collect.heard import gap, when
from sales_app.collect.origin import of_activity, of_deal, of_item
from sales_app.collect.words import count, day, listed, short, stop
from sales_app.connectors import ConnectorError, Item, Reading, ask
from sales_app.facts import Action, Fact

Json = dict[str, Any]

# Sections of the outline that are for us: why, what the policy refused, what could not be read.
INTERNAL = ("Why this asset", "Not read")
CONFIDENTIAL = re.compile(
    r"\b(?:between us|in confidence|do not quote|off the record|my boss|embarrass\w*|please do not)\b",
    re.IGNORECASE,
)
NOT_FOR_THEM = frozenset({"price", "contract"})
ROW = re.compile(
    r"^\|\s*(?P<measure>[^|]+?)\s*\|\s*(?P<before>[\d.,]+%?)\s*\|\s*(?P<after>[\d.,]+%?)\s*\|\s*(?P<customers>\d+)\s*\|\s*$",
    re.MULTILINE,
)
STEP = re.compile(r"^\s*(?:\d+\.|-)\s+(?:\*\*(?P<title>[^*]+)\*\*:?\s*)?(?P<text>.+)$", re.MULTILINE)
# What a kind shows besides problem, answer and next steps.
WITH_PROOF = frozenset({"one-pager", "landing-page", "deck", "roi-calculator"})
WITH_STEPS = frozenset({"workflow-demo"})


@collector(
    "assets",
    "Choose the asset and gather what it says",
    kinds=("asset_choice", "asset_problem", "asset_answer", "asset_proof", "workflow_step", "asset_next", "asset_unread"),
    needs=("account",),
)  # fmt: skip
async def assets(asking: Asking) -> list[Fact]:
    chosen = await choose(asking)
    gaps = chosen.hearing.gaps("asset_unread", asking)
    problems = _problems(chosen, asking)
    facts = [*(_problem(each, place, asking) for place, each in enumerate(problems))]
    steps: list[Json] = []
    try:
        facts += await _answers(problems, asking)
        if chosen.kind in WITH_PROOF:
            facts += await _proof(asking)
        if chosen.kind in WITH_STEPS:
            walked = await _workflow(asking)
            facts += walked
            steps = [fact.values["step"] for fact in walked]
        facts += await _next(chosen, asking)
    except ConnectorError as down:
        gaps.append(gap("asset_unread", "docs", down.message, asking))
    return [_choice(chosen, asking, steps), *facts, *gaps]


def _choice(chosen: Choice, asking: Asking, steps: list[Json]) -> Fact:
    article, name = ("An", chosen.title) if chosen.kind == "roi-calculator" else ("A", chosen.title.lower())
    audience = f" for {listed(list(chosen.audience))}" if chosen.audience else ""
    data: Json = {
        "kind": chosen.kind,
        "title": f"{chosen.title}: {asking.account}",
        "internal": list(INTERNAL),
        "customer": str(asking.account),
    }
    if steps:
        data["workflow"] = {"steps": steps}
    return Fact(
        kind="asset_choice",
        text=stop(f"{article} {name}{audience}, because {chosen.why}"),
        sources=chosen.sources,
        rank=10.0,
        values={
            "asset": chosen.kind,
            "named": chosen.named,
            "stage": chosen.stage.value,
            "audience": list(chosen.audience),
            "data": data,
        },
        action=Action(label="Make another one", prompt=f"/create-asset one-pager for {asking.account}"),
    )


def _problems(chosen: Choice, asking: Asking) -> list[Care]:
    """Their words about their own work, of each topic at most two, the best first."""
    rivals = (
        {str(chosen.records.deal.competitor).lower()}
        if chosen.records.deal and chosen.records.deal.competitor
        else set()
    )
    fit = [
        each
        for each in chosen.hearing.theirs
        if not each.text.endswith("?")
        and not CONFIDENTIAL.search(each.text)
        and not spoken(each.text, side="them", said_on=each.at.date())  # a promise is no problem of theirs
        and not any(rival in each.text.lower() for rival in rivals)
        and not re.search(
            r"\b(?:offer from|yours|your (?:price|product|competitor)|they (?:have|do|offer|are))\b",
            each.text,
            re.IGNORECASE,
        )
    ]
    found = [care for care in cares(fit, asking, of_each=2) if care.topic.name not in NOT_FOR_THEM]
    return found[:4]


def _problem(care: Care, place: int, asking: Asking) -> Fact:
    said = care.said
    return Fact(
        kind="asset_problem",
        text=f'"{short(said.text, 200)}" ({said.speaker}, {when(said.at, asking)})',
        sources=(said.source,),
        rank=50.0 - place,
        values={"topic": care.topic.name, "speaker": said.speaker, "said": said.text},
    )


async def _answers(problems: list[Care], asking: Asking) -> list[Fact]:
    facts: list[Fact] = []
    used: set[str] = set()
    for place, care in enumerate(problems):
        reading = await ask(asking.user, "docs", "search", query=care.topic.query, kind="product", limit=1)
        for item in reading.items:
            answer = best_sentence(item, care.said.text, care.topic)
            if answer and answer not in used:
                used.add(answer)
                facts.append(_answer(answer, item, reading, 50.0 - place, asking))
    if facts:
        return facts
    reading = await ask(asking.user, "docs", "search", query="overview", kind="product", limit=1)
    for item in reading.items:
        opening = [text for _, text in sentences(plain_lines(item.text))][:3]
        facts += [_answer(text, item, reading, 10.0 - place, asking) for place, text in enumerate(opening)]
    return facts


def _answer(text: str, item: Item, reading: Reading, rank: float, asking: Asking) -> Fact:
    return Fact(
        kind="asset_answer",
        text=stop(text),
        sources=(of_item(item, reading, quote=text),),
        rank=rank,
        values={"document": item.title, "updated": item.at.date().isoformat()},
    )


async def proof_documents(asking: Asking) -> Reading:
    """Where measured results of customers (``ROW``) are looked for. Raises ConnectorError."""
    return await ask(
        asking.user, "docs", "search", query="overview before after customers", kind="product", limit=3
    )


async def _proof(asking: Asking) -> list[Fact]:
    """Measured results of customers, from the product overview's table."""
    reading = await proof_documents(asking)
    facts: list[Fact] = []
    for item in reading.items:
        for place, row in enumerate(ROW.finditer(item.text)):
            facts.append(
                Fact(
                    kind="asset_proof",
                    text=f"{row['measure']}: {row['before']} before, {row['after']} after (median of {count(int(row['customers']), 'customer')}, as of {when(item.at, asking)}).",
                    sources=(of_item(item, reading, quote=row[0].strip()),),
                    rank=20.0 - place,
                    values={name: row[name] for name in ("measure", "before", "after", "customers")},
                )
            )
        if facts:
            break
    return facts


async def _workflow(asking: Asking) -> list[Fact]:
    reading = await ask(
        asking.user, "docs", "search", query="approval phone offline two-step", kind="product", limit=1
    )
    facts: list[Fact] = []
    for item in reading.items:
        opening = next((text for _, text in sentences(plain_lines(item.text))), "")
        rows = [("What the approver sees", opening)] if opening else []
        rows += [(match["title"] or "", match["text"].strip()) for match in STEP.finditer(item.text)]
        for place, (title, text) in enumerate(rows[:6]):
            words = re.sub(r"\*\*", "", text).strip()
            name = title or f"Step {place + 1}"
            shown = f"{name}: {words}" if title else words
            facts.append(
                Fact(
                    kind="workflow_step",
                    text=stop(shown),
                    sources=(of_item(item, reading, quote=words),),
                    rank=20.0 - place,
                    values={
                        "step": {
                            "title": name,
                            "text": words,
                            "source": item.title,
                            "url": item.url,
                            "as_of": item.at.date().isoformat(),
                        }
                    },
                )
            )
    return facts


async def _next(chosen: Choice, asking: Asking) -> list[Fact]:
    """What happens when they say yes: the first steps of the rollout, and the next meeting."""
    facts: list[Fact] = []
    if asking.meeting is not None:
        facts.append(
            Fact(
                kind="asset_next",
                text=stop(
                    f"We speak on {when(asking.meeting.starts_at, asking)}: {short(asking.meeting.subject, 90)}"
                ),
                sources=(of_activity(asking.meeting, asking.now),),
                rank=30.0,
                values={"at": asking.meeting.starts_at.isoformat()},
            )
        )
    elif (
        chosen.records.deal is not None
        and chosen.records.deal.close_date
        and chosen.records.deal.close_date >= asking.local.date()
    ):
        deal = chosen.records.deal
        assert deal.close_date is not None
        facts.append(
            Fact(
                kind="asset_next",
                text=f"Decision planned for {day(deal.close_date, asking.local.date())}.",
                sources=(of_deal(deal, asking.now, quote=f"Close date {deal.close_date.isoformat()}"),),
                rank=30.0,
                values={"at": deal.close_date.isoformat()},
            )
        )
    reading = await ask(asking.user, "docs", "search", query="rollout kick-off week", kind="product", limit=1)
    for item in reading.items:
        for place, match in enumerate(list(STEP.finditer(item.text))[:3]):
            words = f"{match['title']}: {match['text']}" if match["title"] else match["text"]
            words = re.sub(r"\*\*", "", words).strip().replace(": : ", ": ").replace(":: ", ": ")
            facts.append(
                Fact(
                    kind="asset_next",
                    text=stop(words),
                    sources=(of_item(item, reading, quote=words),),
                    rank=20.0 - place,
                    values={"document": item.title},
                )
            )
    return facts

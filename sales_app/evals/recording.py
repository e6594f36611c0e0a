"""Recording the fixture book from the demo company, with the real collectors. For developers: see docs/evals.md."""

import json
import re
from dataclasses import replace
from datetime import datetime
from typing import Any

from asgiref.sync import async_to_sync

from sales_app.collect import Asking, Collector, kinds
from sales_app.crm.models import Account, Activity, Deal
from sales_app.crm.models.deal import OPEN_STAGES
from sales_app.crm.schedule import MEETS
from sales_app.evals.book import key_of
from sales_app.facts import Fact, numbered
from sales_app.facts.fact import moment
from sales_app.people.models import User

Json = dict[str, Any]

KIND_MAX = 12  # facts of one kind
QUOTE_MAX = 300
COMMAND = re.compile(r"^/[a-z-]+ *")
LINK = re.compile(r"\[([^\]]*)\]\(/[^)]*\)")  # to a record that is somebody else's on another installation


def record(user: User, names: list[str], prompts: list[str], now: datetime) -> Json:
    """The book of ``user`` with the accounts that begin so, as their owners see them, the first ones met first.

    Some collectors read the request. What they find for one of ``prompts`` is kept apart where it is something else.
    """
    records, facts = [], dict[str, dict[str, list[Json]]]()
    collectors = list({each.name: each for each in kinds().values()}.values())
    general = [each for each in collectors if not each.needs]
    asking = Asking(user=user, now=now)
    _collect(general, asking, "", facts)
    for short in names:
        account: Any = Account.objects.select_related("owner").get(name__startswith=short)
        name = account.name
        meeting = (
            Activity.objects.filter(account=account, kind__in=MEETS, starts_at__gte=now)
            .order_by("starts_at")
            .first()
        )
        deal = Deal.objects.filter(account=account, stage__in=OPEN_STAGES).order_by("-amount").first()
        about = replace(asking, user=account.owner, account=account, deal=deal, meeting=meeting)
        _collect(collectors, about, name, facts)
        for prompt in prompts:
            if short in prompt:
                arguments = {"request": COMMAND.sub("", prompt)}
                _collect(collectors, replace(about, arguments=arguments), key_of(name, prompt), facts)
        also = [deal.name] if deal and deal.name != name else []
        records.append({"name": name, "label": name, "also": also, "meets": meeting is not None})
    return {
        "now": now.isoformat(timespec="seconds"),
        "person": {"first_name": user.first_name, "last_name": user.last_name, "time_zone": user.time_zone},
        "records": records,
        "facts": facts,
    }


def _collect(
    collectors: list[Collector], asking: Asking, name: str, facts: dict[str, dict[str, list[Json]]]
) -> None:
    found: list[Fact] = []
    for late in (False, True):
        for each in collectors:
            if each.last is late:
                about = replace(asking, found=tuple(numbered(found))) if late else asking
                kept = _most(async_to_sync(each.collect)(about))
                rows = [_plain(fact, asking.now) for fact in kept]
                known = facts.setdefault(each.name, {})
                if name == "" or rows != known.get(name.partition("\n")[0], known.get("", [])):
                    known[name] = rows
                found += kept


def _most(facts: list[Fact]) -> list[Fact]:
    count: dict[str, int] = {}
    kept = []
    for fact in sorted(facts, key=lambda each: -each.rank):
        count[fact.kind] = count.get(fact.kind, 0) + 1
        if count[fact.kind] <= KIND_MAX:
            kept.append(fact)
    return kept


def _plain(fact: Fact, now: datetime) -> Json:
    """Without links, which lead to other rows elsewhere, and read at the book's moment."""
    value: Json = json.loads(json.dumps(replace(fact, id="", action=None).as_json(), default=str))
    value["text"] = LINK.sub(r"\1", value["text"])
    for source in value["sources"]:
        source["as_of"] = min(source["as_of"], moment(now), key=datetime.fromisoformat)
        source["url"], source["quote"] = "", source["quote"][:QUOTE_MAX]
    return value

"""What a use of a skill is about: a record in the book of whoever asked, or a question back. Never a guess."""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from typing import Any

from django.db.models import QuerySet

from sales_app.agent.skilled.definitions import Definition
from sales_app.agent.skilled.naming import Named, Word, goes_on, named_in, near, strange, words_of
from sales_app.collect import Asking
from sales_app.crm.access import accounts_for, activities_for, contacts_for, deals_for
from sales_app.crm.models import Account, Activity, Contact, Deal
from sales_app.crm.models.deal import OPEN_STAGES
from sales_app.crm.schedule import MEETS
from sales_app.documents.writing import escaped
from sales_app.people.models import User
from sessions_app.session.subjects import Subject

Json = dict[str, Any]

LISTED_MAX = 6
AHEAD = timedelta(days=14)
UNDER_WAY = timedelta(minutes=15)  # a meeting that has just begun is still the next one
ROWS: dict[str, Callable[[User], QuerySet[Any]]] = {
    "account": accounts_for,
    "deal": deals_for,
    "contact": contacts_for,
    "meeting": activities_for,
}
PATHS = {"accounts": "account", "deals": "deal", "contacts": "contact", "activities": "meeting"}
REF = re.compile(
    r"\b(account|deal|contact|meeting):(\d{1,18})\b|/(accounts|deals|contacts|activities)/(\d{1,18})\b"
)
NEXT = re.compile(
    r"\b(?:next|upcoming|coming)\b(?:\s+\w+){0,2}\s+(?:calls?|meetings?|appointments?)\b|^\s*next\s*$",
    re.IGNORECASE,
)
MEETING = re.compile(r"\b(?:calls?|meetings?|appointments?|demo)\b", re.IGNORECASE)
BEFORE_NAMES = frozenset("for with at about promise promised owe owed from of to".split())
RIVALS = frozenset("against versus vs beat".split())
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
DAY = re.compile(
    rf"\b(today|tonight|this morning|this afternoon|tomorrow|{'|'.join(WEEKDAYS)})\b", re.IGNORECASE
)
CLOCK = re.compile(r"\b(?:(\d{1,2}):(\d{2})\s*(am|pm)?|(\d{1,2})\s*(am|pm|o'clock))\b", re.IGNORECASE)


@dataclass(frozen=True, kw_only=True)
class Target:
    """Ids of the records; ``label`` is what people call it."""

    label: str = ""
    url: str = ""
    account: int | None = None
    deal: int | None = None
    contact: int | None = None
    meeting: int | None = None

    def as_json(self) -> Json:
        return {name: value for name, value in vars(self).items() if value not in (None, "")}


@dataclass(frozen=True, kw_only=True)
class Question:
    """``code`` is ambiguous, not_found or missing; ``candidates`` [{id: "account:7", name, url, note}] are what may be meant."""

    code: str
    text: str
    candidates: list[Json] = field(default_factory=list)

    def markdown(self) -> str:
        lines = [
            f"{number}. [{escaped(row['name'])}]({row['url']})"
            + (f", {escaped(row['note'])}" if row["note"] else "")
            for number, row in enumerate(self.candidates, 1)
        ]
        return self.text + ("\n\n" + "\n".join(lines) if lines else "")


def resolve(
    user: User, skill: Definition, *, about: str, request: str, subject: Subject | None, now: datetime
) -> Target | Question:
    """``about`` is a name or reference when a model gave one; ``request`` is what the person wrote, where a name may stand."""
    if not skill.about:
        return Target()
    return _Resolving(user, skill, about.strip(), request.strip(), subject, now).found()


def asking(user: User, target: Json, *, request: str, now: datetime) -> Asking:
    """The records of a target again, as ``user`` may see them now: one that has gone is left out."""

    def row(kind: str) -> Any:
        related = {
            "account": ("owner",),
            "meeting": ("account", "deal", "contact"),
            "deal": ("account", "owner"),
        }
        rows = ROWS[kind](user).select_related(*related.get(kind, ("account",)))
        return rows.filter(pk=target[kind]).first() if kind in target else None

    return Asking(
        user=user,
        now=now,
        account=row("account"),
        deal=row("deal"),
        contact=row("contact"),
        meeting=row("meeting"),
        arguments={"request": request} if request else {},
    )


def meetings_of(user: User) -> QuerySet[Activity]:
    """Somebody's own calls and meetings with customers, the earliest first."""
    own = Activity.objects.filter(owner=user, kind__in=MEETS, account__isnull=False)
    return own.select_related("account", "deal", "contact").order_by("starts_at", "id")


class _Resolving:
    def __init__(
        self, user: User, skill: Definition, about: str, request: str, subject: Subject | None, now: datetime
    ) -> None:
        self.user, self.skill, self.subject, self.now = user, skill, subject, now
        self.explicit = bool(about)
        self.text = about or request
        self.words = words_of(self.text)
        self.names: dict[str, list[tuple[int, str]]] = {}

    def found(self) -> Target | Question:
        if ref := self._by_reference():
            return ref
        named = self._by_name()
        meets = "meeting" in self.skill.about
        if isinstance(named, Question):
            return named
        if named is not None:
            return self._with_meeting(named) if meets else named
        if meets and (found := self._by_calendar()):
            return found
        if unknown := self._unknown_name():
            return self._near(unknown)
        return self._perhaps() or self._unnamed()

    def _perhaps(self) -> Question | Target | None:
        """A name in lower case with a slip in it, where the skill cannot do without one: "prepare the galbery call"."""
        unknown = [] if self.skill.optional or self.subject else strange(self.words)
        if not unknown:
            return None
        found = self._near(unknown)
        return found if isinstance(found, Target) or found.candidates else None

    def _unknown_name(self) -> list[Word]:
        """The words that stand where a name does and are none that we know: guessing on would be about somebody else."""
        rivals = {at for at, _ in enumerate(self.words) if at and self.words[at - 1].key in RIVALS}
        words = [word for at, word in enumerate(self.words) if at not in rivals]
        unknown = strange(words)
        if not unknown or self.explicit or (not self.skill.optional and words[0] is unknown[0]):
            return unknown
        for at, word in enumerate(words):
            if word not in unknown:
                continue
            begins = at == 0 and len(words) > 2 and not words[1].capital  # a sentence begins with a capital
            placed = at > 0 and words[at - 1].key in BEFORE_NAMES
            if (word.capital and not begins) or placed:
                return unknown[unknown.index(word) :]
        return []

    # By reference: "account:12", a link, an id.

    def _by_reference(self) -> Target | Question | None:
        match = REF.search(self.text)
        if match:
            kind, pk = (match[1], match[2]) if match[1] else (PATHS[match[3]], match[4])
            row = ROWS[kind](self.user).filter(pk=int(pk)).first()
            if row is None:
                return Question(
                    code="not_found", text=f"There is no {kind} {pk} among the records that you may see."
                )
            return (
                self._with_meeting(self._target(row)) if "meeting" in self.skill.about else self._target(row)
            )
        if self.explicit and self.text.isdecimal():
            for kind in self.skill.about:
                if row := ROWS[kind](self.user).filter(pk=int(self.text[:18])).first():
                    return self._target(row)
        return None

    # By name.

    def _rows(self, kind: str) -> list[tuple[int, str]]:
        if kind not in self.names:
            rows = ROWS[kind](self.user).order_by("pk")
            if kind == "deal":
                rows = rows.filter(stage__in=OPEN_STAGES)
            self.names[kind] = list(rows.values_list("pk", "name"))
        return self.names[kind]

    def _by_name(self) -> Target | Question | None:
        if not self.words:
            return None
        best: dict[str, list[Named]] = {}
        for kind in ("account", "deal", "contact"):
            if found := named_in(self.words, self._rows(kind)):
                best[kind] = found
        best = self._sensible(best)
        if not best:
            return None
        order = [kind for kind in (*self.skill.about, "account", "deal", "contact") if kind in best]
        kind = max(order, key=lambda each: (best[each][0].whole, best[each][0].length, -order.index(each)))
        found = best[kind]
        rows = ROWS[kind](self.user).in_bulk([each.pk for each in found[:50]])
        shown = [rows[each.pk] for each in found if each.pk in rows]
        if len(found) > 1:
            more = f" ({len(found)} fit)" if len(found) > LISTED_MAX else ""
            text = f"Several {kind}s fit. Which one do you mean?{more}"
            return Question(
                code="ambiguous", text=text, candidates=[_candidate(row) for row in shown[:LISTED_MAX]]
            )
        if goes_on(self.words, found[0]):
            text = f"I find nothing that is called exactly so. Do you mean this {kind}?"
            return Question(code="ambiguous", text=text, candidates=[_candidate(shown[0])])
        return self._target(shown[0])

    def _sensible(self, best: dict[str, list[Named]]) -> dict[str, list[Named]]:
        """A deal whose name begins with its account's is named by what comes behind that."""
        accounts = best.get("account")
        deals = best.get("deal")
        if accounts and deals and deals[0].length <= accounts[0].length and not deals[0].whole:
            best = {kind: found for kind, found in best.items() if kind != "deal"}
        contacts = best.get("contact")
        if contacts and len(best) > 1 and not contacts[0].whole:
            best = {kind: found for kind, found in best.items() if kind != "contact"}
        return best

    def _near(self, unknown: list[Word]) -> Question | Target:
        said = " ".join(word.raw for word in unknown[:5])
        found: list[Json] = []
        for kind in ("account", "deal") if "deal" in self.skill.about else ("account",):
            rows, sure = near(said, self._rows(kind))
            known = ROWS[kind](self.user).in_bulk([pk for pk, _ in rows])
            if sure and not found:
                return self._target(known[rows[0][0]])
            found += [_candidate(known[pk]) for pk, _ in rows]
        text = (
            f"I find no account, deal or person called “{escaped(said)}” among the records that you may see."
        )
        if found:
            return Question(
                code="not_found", text=f"{text} Do you mean one of these?", candidates=found[:LISTED_MAX]
            )
        return Question(code="not_found", text=f"{text} Check the spelling.")

    # By the calendar.

    def _by_calendar(self) -> Target | Question | None:
        ahead = meetings_of(self.user).filter(starts_at__gte=self.now - UNDER_WAY)
        if NEXT.search(self.text):
            meeting = ahead.first()
            if meeting is None:
                return Question(
                    code="missing", text=f"You have no call or meeting with a customer ahead. {self._which()}"
                )
            return self._target(meeting)
        day, clock = DAY.search(self.text), CLOCK.search(self.text)
        if not (day or clock) or not (MEETING.search(self.text) or clock):
            return None
        found = self._on(day[1].lower() if day else "today", clock)
        if len(found) == 1:
            return self._target(found[0])
        if not found:
            return Question(
                code="missing",
                text=f"I find no call or meeting with a customer then. {self._which()}",
                candidates=[_candidate(each, self.user) for each in ahead[:3]],
            )
        text = "You have several then. Which one do you mean?"
        return Question(
            code="ambiguous",
            text=text,
            candidates=[_candidate(each, self.user) for each in found[:LISTED_MAX]],
        )

    def _on(self, day: str, clock: re.Match[str] | None) -> list[Activity]:
        zone = Asking(user=self.user, now=self.now).zone
        today = self.now.astimezone(zone).date()
        ahead = 1 if day == "tomorrow" else 0
        if day in WEEKDAYS:
            ahead = (WEEKDAYS.index(day) - today.weekday()) % 7
        date = today + timedelta(days=ahead)
        begin = datetime.combine(date, time.min, zone)
        end = datetime.combine(date + timedelta(days=1), time.min, zone)
        found = list(meetings_of(self.user).filter(starts_at__gte=begin, starts_at__lt=end))
        return [each for each in found if clock is None or _at(each.starts_at.astimezone(zone), clock)]

    def _with_meeting(self, target: Target) -> Target:
        """The asker's next meeting with them, so that who comes is known."""
        if target.meeting or not target.account:
            return target
        ahead = meetings_of(self.user).filter(
            account=target.account, starts_at__gte=self.now - UNDER_WAY, starts_at__lt=self.now + AHEAD
        )
        if target.deal:
            ahead = ahead.filter(deal__in=[None, target.deal]) | ahead.filter(deal=None)
        meeting = ahead.first()
        return Target(**{**vars(target), "meeting": meeting.pk}) if meeting else target

    # Nothing is named.

    def _unnamed(self) -> Target | Question:
        if self.subject and self.subject.kind in ROWS and self.subject.id.isdecimal():
            row = ROWS[self.subject.kind](self.user).filter(pk=int(self.subject.id)).first()
            if row is not None:
                target = self._target(row)
                return self._with_meeting(target) if "meeting" in self.skill.about else target
        if self.skill.optional:
            return Target()
        candidates = []
        if "meeting" in self.skill.about:
            ahead = meetings_of(self.user).filter(starts_at__gte=self.now - UNDER_WAY)
            candidates = [_candidate(each, self.user) for each in ahead[:3]]
        return Question(code="missing", text=self._which(), candidates=candidates)

    def _which(self) -> str:
        kinds = list(self.skill.about)
        said = ", ".join(kinds[:-1]) + (" or " if len(kinds) > 1 else "") + kinds[-1]
        return f"Which {said} is it about?"

    def _target(self, row: Any) -> Target:
        if isinstance(row, Account):
            return Target(
                label=row.name, url=row.get_absolute_url(), account=row.pk, deal=self._only_deal(row.pk)
            )
        if isinstance(row, Deal):
            return Target(label=row.name, url=row.get_absolute_url(), account=row.account_id, deal=row.pk)
        if isinstance(row, Contact):
            label = f"{row.name}, {row.account.name}"
            deal = self._only_deal(row.account_id)
            return Target(
                label=label, url=row.get_absolute_url(), account=row.account_id, deal=deal, contact=row.pk
            )
        label = row.account.name if row.account else row.subject
        return Target(
            label=label,
            url=row.get_absolute_url(),
            account=row.account_id,
            deal=row.deal_id or (self._only_deal(row.account_id) if row.account_id else None),
            contact=row.contact_id,
            meeting=row.pk,
        )

    def _only_deal(self, account: int) -> int | None:
        found = list(
            deals_for(self.user)
            .filter(account=account, stage__in=OPEN_STAGES)
            .values_list("pk", flat=True)[:2]
        )
        return found[0] if len(found) == 1 else None


def _at(local: datetime, clock: re.Match[str]) -> bool:
    hour, minute = int(clock[1] or clock[4]), int(clock[2] or 0)
    half = (clock[3] or clock[5] or "").lower()
    hours = (
        {hour % 12 + 12}
        if half == "pm"
        else {hour % 12}
        if half == "am"
        else {hour, hour + 12 if hour < 8 else hour}
    )
    return local.minute == minute and local.hour in hours


def _candidate(row: Any, user: User | None = None) -> Json:
    kind = {Account: "account", Deal: "deal", Contact: "contact"}.get(type(row), "meeting")
    notes: Iterable[str]
    if isinstance(row, Account):
        notes = (row.industry, row.country)
    elif isinstance(row, Deal):
        notes = (row.get_stage_display(), f"{row.amount:,.0f} {row.currency}")
    elif isinstance(row, Contact):
        notes = (row.title, row.account.name)
    else:
        zone = Asking(user=user, now=row.starts_at).zone if user else None
        notes = (row.account.name if row.account else "", f"{row.starts_at.astimezone(zone):%A %d %B, %H:%M}")
    name = row.subject if isinstance(row, Activity) else row.name
    return {
        "id": f"{kind}:{row.pk}",
        "name": name,
        "url": row.get_absolute_url(),
        "note": ", ".join(note for note in notes if note),
    }

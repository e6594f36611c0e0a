"""Everything that people and workers can do to a session, in any order; after each act the promises hold.

Two members on a device each and an observer; one worker at a time, whose death leaves a zombie that goes on writing.
Refusals are part of the game: they must be anticipated ones, and leave the log as it was.
"""

import uuid
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from sessions_app.control import answer as answers
from sessions_app.control.handover import SILENT_AFTER, release, release_silent, take
from sessions_app.control.people import remove
from sessions_app.control.stop import stop
from sessions_app.control.waiting import edit_input, move_input, set_policy, withdraw_input
from sessions_app.errors import SessionsError
from sessions_app.runs import effects
from sessions_app.runs.claim import claim
from sessions_app.runs.interrupts import expire_due
from sessions_app.runs.models import Effect, Input, Interrupt, Run
from sessions_app.runs.questions import open_interrupts
from sessions_app.runs.queue import ACTIVE
from sessions_app.session import events
from sessions_app.session.fold import fold
from sessions_app.session.models import Session
from sessions_app.session.participants import join
from sessions_app.session.snapshots import load_view, take_snapshot
from sessions_app.streams.append import StaleEpoch
from sessions_app.streams.models import Stream
from tests.control.world import (
    ANN,
    BEN,
    LONG_AGO,
    OLGA,
    TERMINAL,
    Json,
    Worker,
    approval,
    check_stopped,
    log_of,
    new_session,
    say,
)

pytestmark = pytest.mark.django_db(transaction=True)

EXPECTED = {
    "not_allowed", "unknown_session", "input_conflict", "busy", "queue_full", "unknown_run", "unknown_input",
    "not_waiting", "unknown_interrupt", "already_decided", "expired", "arguments_changed", "bad_request",
    "held_by_other", "owner_stays",
}  # fmt: skip
PEOPLE = st.sampled_from([ANN, ANN, ANN, BEN, BEN, BEN, OLGA])
NUMBERS = st.integers(0, 10**6)
MODES = st.sampled_from(["queue", "queue", "steer", "steer", "interrupt", "reject"])
DECISIONS = st.sampled_from(["approve", "approve", "approve", "deny", "answer"])
MOSTLY = st.sampled_from([True, True, True, False])
ACTS = st.lists(
    st.sampled_from(["act", "act", "act", "say", "steer", "ask", "ask", "step", "finish", "die"]),
    min_size=1,
    max_size=4,
)


class Control(RuleBasedStateMachine):
    session: Session
    head: int

    @initialize(start=st.sampled_from(["queue", "steered", "steered", "asked", "approved", "approved"]))
    def begin(self, start: str) -> None:
        self.session = new_session()
        self.key = str(self.session.pk)
        self.sent: dict[str, tuple[str, str]] = {}  # id -> author, first text
        self.worker: Worker | None = None
        self.zombies: list[Worker] = []
        self.performed: Counter[str] = Counter()
        self.head = 0
        self.sends(ANN, "queue")
        self.claims()
        for mode in {"queue": ["queue"] * 3, "steered": ["queue", "steer", "queue"]}.get(start, []):
            self.sends(BEN, mode)
        if start in {"asked", "approved"}:
            self.asks_people(2)
        if start == "approved":
            self.decides(BEN, 0, "approve", seen=True, everything=True)
            self.claims()

    # What people do

    def asks(self, call: Callable[[], Any]) -> Any:
        """A command. None when it was refused, as it may be, which changes nothing."""
        before = self.length()
        try:
            return call()
        except SessionsError as error:
            assert error.code in EXPECTED, repr(error)
            assert self.length() == before
            return None

    def length(self) -> int:
        return Stream.objects.values_list("head", flat=True).get(pk=self.session.stream_id)

    def one_of(self, n: int) -> str:
        ids = [*self.sent, "nowhere"]
        return ids[n % len(ids)]

    def sends(self, by: str, mode: str) -> None:
        client_id = uuid.uuid4().hex[:8]
        if self.asks(lambda: say(self.session, client_id, by=by, mode=mode, client_id=client_id)):
            self.sent[client_id] = (by, client_id)

    def sends_again(self, n: int, by: str, other: bool) -> None:
        client_id = self.one_of(n)
        if client_id not in self.sent:
            return
        author, text = self.sent[client_id]
        before = self.length()
        done = self.asks(lambda: say(self.session, "other" if other else text, by=by, client_id=client_id))
        edited = Input.objects.get(session=self.session, client_id=client_id).edited
        assert (done is not None) == (by == author and (not other or edited))
        assert self.length() == before

    def edits(self, by: str, n: int) -> None:
        which = self.one_of(n)
        self.asks(lambda: edit_input(session_id=self.key, actor=by, input_id=which, text=f"{which}, edited"))

    def withdraws(self, by: str, n: int) -> None:
        self.asks(lambda: withdraw_input(session_id=self.key, actor=by, input_id=self.one_of(n)))

    def waiting_one(self, n: int) -> str:
        ids = [each["id"] for each in load_view(self.key)[1]["inputs"]] or ["nowhere"]
        return ids[n % len(ids)]

    def moves(self, by: str, n: int, m: int, end: bool) -> None:
        which, before = self.waiting_one(n), None if end else self.waiting_one(m)
        self.asks(lambda: move_input(session_id=self.key, actor=by, input_id=which, before=before))

    def changes_the_policy(self, by: str, mode: str) -> None:
        self.asks(lambda: set_policy(session_id=self.key, actor=by, while_busy=mode))

    def stops(self, by: str, n: int, one: bool) -> None:
        runs = [str(pk) for pk in Run.objects.filter(session=self.session).values_list("pk", flat=True)]
        run_id = [*runs, "nowhere"][n % (len(runs) + 1)] if one else None
        self.asks(lambda: stop(session_id=self.key, actor=by, run_id=run_id))

    def takes(self, by: str) -> None:
        self.asks(lambda: take(session_id=self.key, actor=by))

    def releases(self, by: str) -> None:
        self.asks(lambda: release(session_id=self.key, actor=by))

    def falls_silent(self) -> None:
        release_silent(timezone.now() + SILENT_AFTER * 2)
        assert not Session.objects.get(pk=self.session.pk).controller

    def leaves_and_comes_back(self) -> None:
        remove(session_id=self.key, by=ANN, actor=BEN)
        assert self.asks(lambda: stop(session_id=self.key, actor=BEN)) is None
        join(self.key, actor=BEN, name="Ben", role="member", by=ANN)

    def decides(self, by: str, n: int, decision: str, seen: bool, everything: bool) -> None:
        asked = list(Interrupt.objects.filter(session=self.session).order_by("created_at", "pk"))
        if not asked:
            return
        chosen = list(open_interrupts(self.session.pk)) if everything else [asked[n % len(asked)]]
        replies = [
            answers.Reply(id=str(a.pk), decision=decision, hash=a.args_hash if seen else "0" * 64)
            for a in chosen
        ]
        states = {a.pk: a.status for a in asked}
        done = self.asks(lambda: answers.answer(session_id=self.key, actor=by, replies=replies))
        after = dict(Interrupt.objects.filter(session=self.session).values_list("pk", "status"))
        if done is None or not seen or by == OLGA:
            assert done is None and after == states
        for pk, status in states.items():
            assert status in ("open", after[pk]), "a decision was changed"

    def nobody_answers_in_time(self) -> None:
        expire_due(timezone.now() + timedelta(days=4))
        assert not open_interrupts(self.session.pk).exists()

    # What the worker does

    def works(self, call: Callable[[Worker], Any]) -> Any:
        """The worker writes; when it no longer holds the run it learns so, and lets go."""
        assert self.worker is not None
        held = Run.objects.filter(pk=self.worker.run_id, status="running", epoch=self.worker.epoch).exists()
        try:
            result = call(self.worker)
        except StaleEpoch:
            assert not held
            self.zombies.append(self.worker)
            self.worker = None
            return None
        assert held
        return result

    def claims(self) -> None:
        for run in Run.objects.filter(session=self.session, status__in=ACTIVE):
            claimed = claim(str(run.pk), "w")
            if claimed is not None:
                self.worker = Worker.of(claimed)

    def speaks(self) -> None:
        self.works(lambda worker: worker.say("word"))

    def completes_a_step(self) -> None:
        self.works(lambda worker: worker.step())

    def reads_what_steers(self) -> None:
        worker = self.worker
        assert worker is not None
        said = Input.objects.filter(run=worker.run_id, status="steering")
        texts = [each.text for each in said.order_by("place", "id")]
        if texts:
            read = self.works(lambda worker: worker.steering())
            assert [each.text for each in read] == texts

    def finishes(self) -> None:
        if self.works(lambda worker: (worker.finish(), True)):
            self.worker = None

    def asks_people(self, n: int) -> None:
        calls = [approval(uuid.uuid4().hex[:8]) for _ in range(n)]
        if self.works(lambda worker: worker.ask(*calls)):
            self.worker = None

    def acts(self, n: int, dies: bool, twisted: bool) -> None:
        """Carry out what was approved; perhaps with other arguments, perhaps the worker dies before it can tell."""
        assert self.worker is not None and self.worker.claimed.info.resumes is not None
        decisions = self.worker.claimed.info.resumes.decisions
        decision = decisions[n % len(decisions)]
        args = {"to": "somebody else"} if twisted else decision.args

        def begin(worker: Worker) -> str | None:
            worker.write(events.tool_start(call_id=decision.call_id, name=decision.tool))
            return effects.claim_external(
                run_id=worker.run_id, stream_id=worker.stream_id, epoch=worker.epoch, call_id=decision.call_id,
                tool=decision.tool, args=args, interrupt_id=decision.id,
            )  # fmt: skip

        known = Effect.objects.filter(session=self.session, call_id=decision.call_id).exists()
        try:
            key = self.works(begin)
        except effects.NotApproved:
            assert twisted or decision.status != "approved"
            return
        if key is None:
            if self.worker is not None:
                assert known
                self.settles(decision.call_id, "unknown")
            return
        assert not known and not twisted and decision.status == "approved"
        self.performed[decision.call_id] += 1
        if dies:
            self.dies()
        else:
            self.settles(decision.call_id, "done")

    def settles(self, call_id: str, status: str) -> None:
        effects.settle_external(
            session_id=self.key,
            stream_id=self.session.stream_id,
            call_id=call_id,
            status=status,
            actor="agent:nobody",
        )

    def what_was_abandoned_is_settled(self) -> None:
        effects.settle_abandoned(timezone.now() + timedelta(hours=1))
        left = Effect.objects.filter(session=self.session, status="claimed")
        assert not left.exclude(run__status__in=ACTIVE).exists()

    def dies(self) -> None:
        assert self.worker is not None
        Run.objects.filter(pk=self.worker.run_id, status="running").update(lease_until=LONG_AGO)
        self.zombies.append(self.worker)
        self.worker = None

    def a_zombie_goes_on(self, n: int) -> None:
        zombie = self.zombies[n % len(self.zombies)]
        if Run.objects.filter(pk=zombie.run_id, status="running", epoch=zombie.epoch).exists():
            return  # nobody took over yet: it still holds the run
        before = log_of(self.session)
        for write in (
            lambda: zombie.say("brains"),
            zombie.step,
            zombie.finish,
            lambda: zombie.ask(approval()),
        ):
            with pytest.raises(StaleEpoch):
                write()
        assert log_of(self.session) == before

    def somebody_takes_a_snapshot(self) -> None:
        take_snapshot(self.key)

    # Who is next. Grouped, so that what takes many acts to come about is common: a machine of equal rules stays shallow.

    def sending(self, by: str, mode: str) -> None:
        self.sends(by, mode)

    def at_work(self) -> bool:
        return Run.objects.filter(session=self.session, status__in=ACTIVE).exists()

    def asked(self) -> bool:
        return Interrupt.objects.filter(session=self.session).exists()

    some_say = rule(by=PEOPLE, mode=MODES)(sending)
    others_say = rule(by=PEOPLE, mode=MODES)(sending)

    @precondition(lambda self: self.sent)
    @rule(
        what=st.sampled_from(["edit", "withdraw", "move", "move", "again", "policy"]),
        by=PEOPLE,
        n=NUMBERS,
        m=NUMBERS,
        mode=MODES,
    )
    def people_change_the_queue(self, what: str, by: str, n: int, m: int, mode: str) -> None:
        match what:
            case "edit":
                self.edits(by, n)
            case "withdraw":
                self.withdraws(by, n)
            case "move":
                self.moves(by, n, m, end=m % 3 == 0)
            case "again":
                self.sends_again(n, by, other=m % 2 == 0)
            case "policy":
                self.changes_the_policy(by, mode)

    @rule(
        what=st.sampled_from(["stop", "stop", "one", "take", "release", "release", "silence", "leave"]),
        by=PEOPLE,
        n=NUMBERS,
    )
    def people_take_the_helm(self, what: str, by: str, n: int) -> None:
        match what:
            case "stop" | "one":
                self.stops(by, n, one=what == "one")
            case "take":
                self.takes(by)
            case "release":
                self.releases(by)
            case "silence":
                self.falls_silent()
            case "leave":
                self.leaves_and_comes_back()

    def deciding(self, by: str, n: int, decision: str, seen: bool, everything: bool) -> None:
        self.decides(by, n, decision, seen, everything)

    ANSWERS = {"by": PEOPLE, "n": NUMBERS, "decision": DECISIONS, "seen": MOSTLY, "everything": MOSTLY}
    first_decides = precondition(asked)(rule(**ANSWERS)(deciding))
    next_decides = precondition(asked)(rule(**ANSWERS)(deciding))

    def working(self, acts: list[str], n: int) -> None:
        if self.worker is None:
            self.claims()
        for act in acts:
            if self.worker is None:
                return
            match act:
                case "say":
                    self.speaks()
                case "step":
                    self.completes_a_step()
                case "steer":
                    self.reads_what_steers()
                case "finish":
                    self.finishes()
                case "ask":
                    self.asks_people(1 + n % 3)
                case "act" if self.worker.claimed.info.resumes:
                    self.acts(n, dies=n % 4 == 1, twisted=n % 5 == 2)
                case "die":
                    self.dies()

    a_worker_works = precondition(at_work)(rule(acts=ACTS, n=NUMBERS)(working))
    the_worker_works = precondition(at_work)(rule(acts=ACTS, n=NUMBERS)(working))
    it_works_on = precondition(at_work)(rule(acts=ACTS, n=NUMBERS)(working))

    @precondition(lambda self: self.zombies)
    @rule(n=NUMBERS)
    def the_dead_go_on(self, n: int) -> None:
        self.a_zombie_goes_on(n)

    @rule(what=st.sampled_from(["expire", "settle", "settle", "snapshot", "snapshot"]))
    def time_passes(self, what: str) -> None:
        match what:
            case "expire":
                self.nobody_answers_in_time()
            case "settle":
                self.what_was_abandoned_is_settled()
            case "snapshot":
                self.somebody_takes_a_snapshot()

    # What must hold

    @invariant()
    def promises(self) -> None:
        log = log_of(self.session)  # contiguous
        at, view = load_view(self.key)
        assert (at, view) == (len(log), fold(log))
        assert len(log) >= self.head
        self.head = len(log)
        check_stopped(log)
        self.runs_end_once(log, view)
        self.inputs_are_in_one_state(log, view)
        self.nothing_waits_behind_nothing(view)
        self.effects_happened_once()

    def runs_end_once(self, log: list[Json], view: Json) -> None:
        rows = {str(run.pk): run for run in Run.objects.filter(session=self.session)}
        queued = [r["event"]["value"]["runId"] for r in log if r["event"].get("name") == "run.queued"]
        ended = [r["run"] for r in log if r["event"]["type"] in TERMINAL]
        assert sorted(queued) == sorted(rows) == sorted(view["runs"])
        assert sorted(ended) == sorted(key for key, run in rows.items() if run.status in Run.TERMINAL)
        active = [run for run in rows.values() if run.status in ACTIVE]
        assert len(active) <= 1
        assert Session.objects.get(pk=self.session.pk).live_runs == len(active)

    def inputs_are_in_one_state(self, log: list[Json], view: Json) -> None:
        accepted = [r["event"]["value"]["inputId"] for r in log if r["event"].get("name") == "input.accepted"]
        assert sorted(accepted) == sorted(self.sent), "acknowledged and logged once"
        rows = {each.client_id: each for each in Input.objects.filter(session=self.session)}
        withdrawn = {
            r["event"]["value"]["inputId"] for r in log if r["event"].get("name") == "input.withdrawn"
        }
        said = {i["id"]: i for i in view["items"] if i["kind"] == "message" and i["role"] == "user"}
        waits = {i["id"]: i for i in view["inputs"]}
        for key, row in rows.items():
            assert (key in waits) + (key in said) + (key in withdrawn) == 1, key
            expected = {"queued": waits, "steering": waits, "consumed": said, "withdrawn": withdrawn}[
                row.status
            ]
            assert key in expected, (key, row.status)
            if key in waits:
                assert waits[key]["text"] == row.text
                assert waits[key]["steer"] == (str(row.run_id) if row.status == "steering" else None)
            if key in said:
                assert said[key]["text"] == row.text and said[key]["actor"] == row.actor
        order = [i["id"] for i in view["inputs"] if i["steer"] is None]
        queue = Input.objects.filter(session=self.session, status="queued").order_by("place", "id")
        assert order == [each.client_id for each in queue]

    def nothing_waits_behind_nothing(self, view: Json) -> None:
        session = Session.objects.get(pk=self.session.pk)
        active = Run.objects.filter(session=session, status__in=ACTIVE)
        asked = set(open_interrupts(session.pk).values_list("pk", flat=True))
        shown = {i["id"] for i in view["items"] if i["kind"] == "interrupt" and i["status"] == "open"}
        assert shown == {str(pk) for pk in asked}
        if session.controller:
            assert not active.exists() and not asked, "an agent works while a person holds control"
            assert view["session"]["control"]["actor"] == session.controller
        else:
            assert view["session"]["control"] is None
            if view["inputs"]:
                assert active.exists() or asked, "something waits behind nothing"
        for each in Input.objects.filter(session=session, status="steering"):
            assert active.filter(pk=each.run_id).exists(), "it steers a run that has ended"

    def effects_happened_once(self) -> None:
        assert all(times == 1 for times in self.performed.values())
        rows = Effect.objects.filter(session=self.session).select_related("interrupt")
        assert {row.call_id for row in rows} == set(self.performed)
        for row in rows:
            assert row.interrupt is not None and row.interrupt.status == "approved"
            assert row.args == row.interrupt.args


@pytest.mark.timeout(300)
def test_the_promises_hold_whatever_people_and_workers_do(transactional_db: None) -> None:
    run_state_machine_as_test(
        Control,
        settings=settings(
            max_examples=50,
            stateful_step_count=30,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            phases=[
                Phase.generate
            ],  # to shrink takes minutes; the steps of the failure are shown all the same
        ),
    )

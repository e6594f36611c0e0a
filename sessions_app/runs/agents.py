"""What an agent is, for the session layer: the protocol, its values, and the registry.

An agent is registered in ``AppConfig.ready()``. The layer calls ``run`` once for each attempt of a run, on the
event loop of a worker process that holds hundreds of runs: an agent must never block the loop.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Literal, NoReturn, Protocol

from sessions_app.errors import SessionsError
from sessions_app.session.subjects import Subject

Json = dict[str, Any]
StepKind = Literal["model", "tool"]


@dataclass(frozen=True, kw_only=True)
class Usage:
    """What one model call used. ``cost`` is US dollars, as a decimal string, or None when no price is known.

    ``estimated``: the call was stopped before the model had counted its output.
    """

    model: str
    input_tokens: int = 0
    output_tokens: int = 0
    cache_read_tokens: int = 0
    cache_write_tokens: int = 0
    cost: str | None = None
    estimated: bool = False


@dataclass(frozen=True, kw_only=True)
class StepResult:
    """The outcome of a step. ``output`` is private (kept in the step row), JSON, and replayed on takeover."""

    output: Json
    usage: Usage | None = None


@dataclass(frozen=True, kw_only=True)
class Ask:
    """A question that ends a run: the approval of a tool call, or something to be said.

    ``args`` is what is approved, exactly, JSON. ``changes`` [{label, before, after}] shows it to people. ``who`` may answer:
    ``members``, ``owner`` or one actor.
    """

    kind: Literal["approval", "question"]
    call_id: str
    title: str
    tool: str = ""
    args: Any = None
    changes: Sequence[Json] = ()
    who: str = "members"
    lasts: timedelta = timedelta(days=3)


@dataclass(frozen=True, kw_only=True)
class Decision:
    """``status`` is approved, denied, answered, expired or stopped; ``answer`` is what the person wrote."""

    id: str
    call_id: str
    tool: str
    args: Any
    status: str
    by: str
    answer: str


@dataclass(frozen=True, kw_only=True)
class Said:
    """What somebody said to a run while it worked: ``actor`` is not always whose rights the run has."""

    text: str
    actor: str
    name: str


def steer_output(said: Sequence[Said]) -> Json:
    """What a steer step keeps. Those of before there were actors in it have ``texts`` alone."""
    return {
        "texts": [each.text for each in said],
        "actors": [each.actor for each in said],
        "names": [each.name for each in said],
    }


def steered(output: Json) -> list[Said]:
    """What ``steer_output`` kept; without an actor where it kept none."""
    texts = output["texts"]
    unnamed = [""] * len(texts)
    rows = zip(texts, output.get("actors", unnamed), output.get("names", unnamed), strict=True)
    return [Said(text=text, actor=actor, name=name) for text, actor, name in rows]


@dataclass(frozen=True, kw_only=True)
class Resumption:
    """The run that the current one resumes, with what was decided about its questions, in their order."""

    run_id: str
    decisions: tuple[Decision, ...]


@dataclass(frozen=True, kw_only=True)
class Changed:
    """What an internal effect did. ``content`` is published; ``output`` is the step's private output; ``undo`` is what the
    tool's registered undo needs, or None. ``events`` enter the log with it, in the same commit."""

    content: str
    output: Json
    undo: Json | None = None
    events: Sequence[Json] = ()


@dataclass(frozen=True, kw_only=True)
class Performed:
    """What an external effect did: ``done`` or certainly not. An exception means that nobody knows."""

    done: bool
    content: str
    output: Json


class ChangeRefused(Exception):
    """Raised by a change that cannot be made: ``content`` is published as the call's error, ``output`` is the step's."""

    def __init__(self, content: str, output: Json) -> None:
        super().__init__(content)
        self.content = content
        self.output = output


@dataclass(frozen=True, kw_only=True)
class Delegated:
    """Work for a sub-agent: ``task`` is all that it reads, ``title`` (1 to 200 characters) what people see of it.

    ``options`` is JSON for the agent; the name ``task`` in it is taken.
    """

    agent: str
    title: str
    task: str
    options: Json = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class ChildResult:
    """How a sub-agent ended: ``finished``, ``failed`` or ``cancelled``.

    ``text`` is what it published, before and after it asked people, also when it was stopped half-way; ``result`` what its run returned; ``error`` why it
    failed, in words for people.
    """

    run_id: str
    title: str
    status: str
    text: str
    result: Json | None = None
    error: str = ""


class Interrupted(Exception):
    """Ends the run with questions. Raised by ``RunContext.interrupt``; an agent lets it pass."""

    def __init__(self, asks: Sequence[Ask]) -> None:
        super().__init__("interrupted")
        self.asks = asks


@dataclass(frozen=True, kw_only=True)
class RunInfo:
    """Facts of the run that do not change during an attempt. ``requested_by`` is an actor such as ``user:7``.

    ``parent`` is the id of the run that a sub-agent works for. ``origin`` is the run that it is known by to the agent: its own
    id, or, when it goes on because questions of its sub-agents were answered, that of the run which asked them.
    ``scheduled``: a clock asked for it, in the name of ``requested_by``, and nobody looks on.
    """

    id: str
    session_id: str
    agent: str
    requested_by: str
    attempt: int
    subject: Subject | None = None
    options: Json = field(default_factory=dict)
    resumes: Resumption | None = None
    parent: str | None = None
    origin: str = ""
    scheduled: bool = False


@dataclass(frozen=True, kw_only=True)
class TranscriptItem:
    """One turn of the conversation before the current run's output, oldest first.

    ``kind`` is ``user`` (``text``, ``actor``) or ``run`` (``text`` that was published, ``status``, and ``steps``:
    private outputs of completed steps, as ``{"kind", "name", "output"}``). ``resumes`` is the run that it went on with.
    ``effects`` {call_id, tool, status, output} are what it did outside, also when it was stopped meanwhile; ``asked``
    {call id: status} is what became of its questions.
    """

    kind: Literal["user", "run"]
    text: str
    actor: str
    run_id: str | None = None
    status: str | None = None
    steps: tuple[Json, ...] = ()
    resumes: str | None = None
    effects: tuple[Json, ...] = ()
    asked: dict[str, str] = field(default_factory=dict)


class MessageWriter(Protocol):
    """An open assistant message."""

    id: str

    def delta(self, text: str) -> None:
        """Append text. Returns at once; durable and visible with the writer's next flush."""

    def end(self) -> None: ...


class StepWriter(Protocol):
    """What a step publishes while it is open. All of it is replaced if the step has to be tried again."""

    def message(self) -> MessageWriter: ...

    def tool_call(self, call_id: str, name: str, args: Json | None) -> None:
        """Publish that a tool call starts. ``args`` is what everybody in the session may see; None hides them."""

    def tool_result(self, call_id: str, content: str, *, error: bool = False) -> None:
        """Publish a result (or a summary of it: private results belong in ``StepResult.output``)."""

    def counts(self, used: Callable[[], Usage | None]) -> None:
        """Say how to find out, in a database thread, what this step has used, should the run be stopped in its midst."""

    def waiting(self, reason: str, message: str, *, seconds: float) -> None:
        """Say that the run waits, why, and for how long. Cleared by the next thing published."""

    async def ready(self) -> None:
        """Wait while too much is pending (back-pressure). Call between reads of the model's stream."""

    async def flush(self) -> None:
        """Return when everything published so far is durable. Raises asyncio.CancelledError when the run was
        stopped or superseded."""


class RunContext(Protocol):
    run: RunInfo

    async def transcript(self) -> list[TranscriptItem]: ...

    async def step(
        self, kind: StepKind, name: str, body: Callable[[StepWriter], Awaitable[StepResult]]
    ) -> Json:
        """Run one step, or return the output of the same step of an earlier attempt without running it.

        Steps are matched by their order in the run, so an agent must ask for them in an order that follows from
        earlier outputs alone. Completed steps are never repeated; an open one is tried again.
        """

    async def change(self, call_id: str, tool: str, args: Json, change: Callable[[], Changed]) -> Json:
        """A tool call that changes our own database, as one step: the change commits together with its record.

        ``change`` runs in a database thread, in the transaction; it may raise ChangeRefused. Returns the step's output.
        """

    async def perform(
        self, decision: Decision, perform: Callable[[str], Awaitable[Performed]], *, unknown: Json
    ) -> Json:
        """A tool call that changes the world outside, as one step, at most once, with exactly what was approved.

        ``perform`` gets an idempotency key. ``unknown`` is the step's output when nobody knows whether it happened.
        """

    async def interrupt(self, asks: Sequence[Ask]) -> NoReturn:
        """End this run with questions; another one resumes it when they are answered.

        A sub-agent's parent ends *interrupted* too, once the other sub-agents have ended. See ``delegate``.
        """

    async def delegate(self, work: Sequence[Delegated]) -> list[ChildResult]:
        """Let sub-agents work side by side, each in a run of its own, and wait until all have ended; results in order.

        Called in a step's body it belongs to that step, else it is a step of its own. An attempt that takes over finds
        the same sub-agents again, so the work asked for must follow from earlier outputs alone. However this run ends,
        its sub-agents end with it.

        When a sub-agent asked people, this run ends here, *interrupted*. After the answers another run goes on with it: that
        replays its completed steps, comes here again and gets the results, as if it had waited. The agent notices nothing.
        Raises AgentError ``too_many_children`` or ``too_deep``, and UnknownAgent.
        """

    async def steering(self) -> list[Said]:
        """What people said to this run since it last asked, oldest first.

        Ask between steps, and before ending: what is said later waits for a run of its own.
        """


class Agent(Protocol):
    """``name`` is stable and in every record; ``title`` is what people read.

    An agent may also have ``async prepare()``, called once when a worker starts, and ``examples(subject)``, questions
    for the page of a new chat, with ``examples_of(user)``, more of them that name what the user knows.
    """

    name: str

    @property
    def title(self) -> str: ...

    async def run(self, ctx: RunContext) -> Json | None:
        """Answer. Returns the run's published result (small JSON) or None.

        Raises AgentError for a failure that a person should read. Any other exception is retried by a
        new attempt, up to the attempt limit. CancelledError must not be swallowed.
        """


class AgentError(SessionsError):
    """The run failed for a reason that can be told to a person. ``code`` is stable, the message plain."""

    code = "agent_failed"

    def __init__(self, message: str, *, code: str = "agent_failed") -> None:
        super().__init__(message, code=code)


class RetryStep(Exception):
    """Raised by a step's body: what it published is void; wait ``delay`` seconds, say why, and call the body again.

    ``reason`` is a code such as ``rate_limited`` or ``stream_broken``; ``message`` is read by people. Retries of
    this kind are bounded by the agent, not by the layer.
    """

    def __init__(self, delay: float, reason: str, message: str = "") -> None:
        super().__init__(message or reason)
        self.delay = delay
        self.reason = reason
        self.message = message or reason


class UnknownAgent(SessionsError):
    code = "unknown_agent"


_agents: dict[str, Agent] = {}
_internal: set[str] = set()


def register_agent(agent: Agent, *, internal: bool = False) -> None:
    """Make an agent known under its name; a later registration replaces an earlier one.

    ``internal``: other agents ask it, people are not offered it.
    """
    _agents[agent.name] = agent
    _internal.discard(agent.name)
    if internal:
        _internal.add(agent.name)


def get_agent(name: str) -> Agent:
    """Raises UnknownAgent."""
    try:
        return _agents[name]
    except KeyError:
        raise UnknownAgent(f"No agent named {name!r} is installed here.") from None


def is_registered(name: str) -> bool:
    return name in _agents


def is_offered(name: str) -> bool:
    """Whether people may begin a session with it."""
    return name in _agents and name not in _internal


def agents() -> list[Agent]:
    """Those that people may begin a session with, in the order they were registered."""
    return [agent for agent in _agents.values() if agent.name not in _internal]


def all_agents() -> list[Agent]:
    return list(_agents.values())

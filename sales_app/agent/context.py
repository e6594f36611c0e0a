"""What the model reads of the conversation: paired, bounded, and never ending on an assistant turn.

Rendering is a pure function of the transcript and of the run's completed steps, so a run that is taken over sends what
it would have sent. A completed step's ``output`` is

- of a model step: ``{"messages": JSON text of [{"role", "content", "prefix"?}], "stop", "model", "first", "frame"?}``;
  ``frame`` stands in the run's first one, ``bare`` in one that was answered without earlier thinking. Without ``messages`` it
  is no turn of the conversation (a skill was composed);
- of a tool step: ``{"call_id", "content", "failed", "untrusted"?}``, content as the model reads it; or ``{"planned"}`` of a
  call that is asked about (``turn.py``);
- of a steer step: ``{"texts", "actors", "names"}``, what people said while the run was at work.

Messages are kept as text because PostgreSQL's JSON does not keep the order of keys.
"""

import json
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from sales_app.agent.prefix import Head, Prefix
from sessions_app.runs.agents import Said, TranscriptItem, steer_output, steered

Json = dict[str, Any]

CHARS_PER_TOKEN = 4
LEFT_OUT = "[The beginning of this conversation is left out here because it is long.]"
BROKEN_OFF = "[broken off]"
UNDECIDED = "Nobody decided about this, so it was not done."
# What became of a call that was asked about and is not done, by the status of the question.
NOT_DONE = {
    "stopped": "This was stopped before it was done.",
    "denied": "The person declined this, so it was not done.",
    "approved": "This was approved, but it was not done.",
}
CUT = "The answer was stopped before this was done, or before its result came."
UNKNOWN = (
    "Nobody knows whether this happened: it was begun and then broke off. It must not be tried again. Tell the person to "
    "check."
)
THINKING = {"thinking", "redacted_thinking"}


@dataclass
class Exchange:
    """What people said, and what a run, with those that went on with it, did about it.

    ``note`` is what Clewline added to the question.
    """

    run_id: str
    said: list[TranscriptItem] = field(default_factory=list)
    note: str = ""
    steps: Sequence[Json] = ()
    text: str = ""
    status: str = "finished"
    ours: bool = True
    last_run: str = ""
    asked: dict[str, str] = field(
        default_factory=dict
    )  # what became of what was asked about: call id -> status

    @property
    def refused(self) -> bool:
        """The model declined; sent again, the question would only be declined again."""
        return any(step["output"].get("stop") == "refusal" for step in self._model_steps())

    def _model_steps(self) -> list[Json]:
        return [step for step in self.steps if step["kind"] == "model"] if self.ours else []

    def not_done(self, call_id: str) -> str:
        """Why a call has no result; empty when that is not known."""
        if call_id in self.asked:
            return NOT_DONE.get(self.asked[call_id], UNDECIDED)
        return UNDECIDED if self.status == "interrupted" else ""

    def first(self) -> str | None:
        """Where the model's reading began in this run: the id of a run."""
        return next(reversed(self.firsts()), None)

    def firsts(self) -> list[str]:
        outputs = [step["output"] for step in self._model_steps()]
        return [output["first"] for output in outputs if output.get("first")]


def text_block(text: str) -> Json:
    return {"type": "text", "text": text}


def result_block(call_id: str, content: str, failed: bool) -> Json:
    block: Json = {"type": "tool_result", "tool_use_id": call_id, "content": content}
    if failed:
        block["is_error"] = True
    return block


def as_data(tool: str, result: Json) -> str:
    """A result as the model reads it: between tags that nothing in it can end."""
    text = json.dumps(result, ensure_ascii=False).replace("<", "\\u003c")
    return f'<records tool="{tool}">{text}</records>'


def tool_output(call_id: str, tool: str, value: Json, *, failed: bool) -> Json:
    """The output of a tool step."""
    return {"call_id": call_id, "content": as_data(tool, value), "failed": failed}


def exchanges(
    transcript: Sequence[TranscriptItem], *, run_id: str, agent: str, resumes: str | None = None
) -> list[Exchange]:
    """The last one is the current run's, without its steps; if it ``resumes`` a run, with the steps of that."""
    found: list[Exchange] = []
    said: list[TranscriptItem] = []
    for item in transcript:
        if item.kind == "user":
            said.append(item)
            continue
        if not _go_on(found, item.resumes, said):
            found.append(Exchange(item.run_id or "", said))
        said = []
        current = found[-1]
        current.ours = item.actor == f"agent:{agent}"
        current.steps = [*current.steps, *item.steps]
        current.steps += _happened(current.steps, item.effects)
        current.asked |= item.asked
        current.text = "\n\n".join(text for text in (current.text, item.text) if text)
        current.status, current.last_run = item.status or "", item.run_id or ""
        frames = [step["output"]["frame"] for step in current.steps if "frame" in step["output"]]
        current.note = frames[0].get("note", "") if frames and current.ours else ""
    if not _go_on(found, resumes, said):
        found.append(Exchange(run_id, said))
    return found


def _happened(steps: Sequence[Json], effects: Sequence[Json]) -> list[Json]:
    """Steps for what was done outside by a run that was stopped meanwhile: it happened, and the model must know."""
    known = {step["output"].get("call_id") for step in steps}
    return [
        {"kind": "tool", "name": each["tool"], "output": each["output"] or _unknown(each)}
        for each in effects
        if each["call_id"] not in known
    ]


def _unknown(effect: Json) -> Json:
    value = {"error": {"code": "unknown", "message": UNKNOWN}}
    return tool_output(effect["call_id"], effect["tool"], value, failed=True)


def _go_on(found: list[Exchange], resumes: str | None, said: list[TranscriptItem]) -> bool:
    """Whether a run goes on with the last exchange. What people said in between then stands as said on the way."""
    if resumes is None or not found or found[-1].last_run != resumes:
        return False
    if said:
        output = steer_output([Said(text=item.text, actor=item.actor, name="") for item in said])
        found[-1].steps = [*found[-1].steps, {"kind": "steer", "name": "steer", "output": output}]
    return True


def first_kept(found: Sequence[Exchange], *, budget: int, shorter: bool = False) -> str:
    """The run where reading begins: where the last run began, as long as all since then is within ``budget`` tokens.

    Above it, reading begins where half the budget is left: cutting rarely keeps the vendor's cache and the thinking.
    ``shorter`` halves in any case, because the model found the conversation too long.
    """
    before = next((first for exchange in reversed(found[:-1]) if (first := exchange.first())), None)
    start = next((at for at, exchange in enumerate(found) if exchange.run_id == before), 0)
    sizes = [_size(exchange) for exchange in found]
    most = budget
    if shorter:
        most = min(budget, sum(sizes[start:])) // 2
    elif sum(sizes[start:]) > budget:
        most = budget // 2
    while start < len(found) - 1 and sum(sizes[start:]) > most:
        start += 1
    return found[start].run_id


def _size(exchange: Exchange) -> int:
    said = sum(len(item.text) for item in exchange.said) + len(exchange.note)
    done = sum(
        len(step["output"].get("messages") or step["output"].get("content") or "")
        for step in exchange.steps
        if exchange.ours
    )
    return (said + (done or len(exchange.text))) // CHARS_PER_TOKEN


class Rendering:
    """Messages under way, with the fingerprint of what they are so far."""

    def __init__(self, head: Head) -> None:
        self.messages: list[Json] = []
        self._prefix = Prefix(head)

    def add(self, role: str, blocks: Sequence[Json]) -> None:
        """Neighbouring turns of one role become one: an answer that never came leaves two questions in a row."""
        if not blocks:
            return
        self._prefix.add(role, blocks)
        if self.messages and self.messages[-1]["role"] == role:
            self.messages[-1]["content"].extend(blocks)
        else:
            self.messages.append({"role": role, "content": list(blocks)})

    def fingerprint(self) -> str:
        return self._prefix.fingerprint()


def render(
    head: Head, found: Sequence[Exchange], *, first: str, names: Mapping[str, str], bare: bool = False
) -> Rendering:
    """``names`` says what people other than the first are called. ``bare`` leaves out all thinking."""
    start, kept = _kept(found, {first})
    whole = Rendering(head)
    owner = next((item.actor for exchange in found for item in exchange.said), "")
    left = len(_bare_steps(kept))
    for exchange in kept:
        blocks = [text_block(LEFT_OUT)] if start and exchange is kept[0] else []
        if exchange.note:
            blocks.append(text_block(exchange.note))
        for item in exchange.said:
            label = "" if item.actor == owner else f"{names.get(item.actor, 'Somebody else')}: "
            blocks.append(text_block(f"{label}{item.text}"))
        whole.add("user", [block for block in blocks if block["text"].strip()])
        if not exchange.ours:
            whole.add("assistant", [text_block(exchange.text)] if exchange.text.strip() else [])
            continue
        asker = exchange.said[-1].actor if exchange.said else owner
        left = _render_run(
            whole,
            exchange,
            open_run=exchange is found[-1],
            bare=bare,
            left=left,
            label=partial(_label, names=names, unnamed={asker} & {owner}),
        )
        if exchange is not found[-1] and exchange.status != "finished" and exchange.text.strip():
            _add_broken_off(whole, exchange.text)
    return whole


def _label(said: Said, *, names: Mapping[str, str], unnamed: Collection[str]) -> str:
    """Who said it, unless that is who asks: the run has the rights of one person, and hears others too."""
    if not said.actor or said.actor in unnamed:
        return said.text
    return f"{said.name or names.get(said.actor, 'Somebody else')}: {said.text}"


def _kept(found: Sequence[Exchange], firsts: Collection[str]) -> tuple[int, list[Exchange]]:
    """Where reading begins, the earliest of ``firsts``, and what is read from there on."""
    start = next((at for at, exchange in enumerate(found) if exchange.run_id in firsts), 0)
    return start, [exchange for exchange in found[start:] if exchange is found[-1] or not exchange.refused]


def reads_untrusted(found: Sequence[Exchange], *, asker: str) -> bool:
    """Whether text of outsiders is in what the current run's model was sent: it could have suggested the next call.

    So could what somebody else than the ``asker``, with whose rights it acts, said here, or another agent.

    It may have been read for an earlier question of the conversation; once that is cut away, it no longer counts. A
    conversation that was cut in the middle of this run counts from where the run first began to read.
    """
    _, kept = _kept(found, found[-1].firsts())
    steps = [step for exchange in kept for step in exchange.steps]
    heard = [each.actor for step in steps if step["kind"] == "steer" for each in steered(step["output"])]
    said = [item.actor for exchange in kept for item in exchange.said]
    return (
        any(actor not in {"", asker} for actor in [*said, *heard])
        or any(not exchange.ours and exchange.text.strip() for exchange in kept)
        or any(step["output"].get("untrusted") for step in steps)
    )


def _bare_steps(kept: Sequence[Exchange]) -> list[Json]:
    return [
        step for exchange in kept if exchange.ours for step in exchange.steps if step["output"].get("bare")
    ]


def _render_run(
    whole: Rendering,
    exchange: Exchange,
    *,
    open_run: bool,
    bare: bool,
    left: int,
    label: Callable[[Said], str],
) -> int:
    """``left`` counts the bare steps still to come: thinking before such a one was refused, and is not sent again."""
    for output, results, heard in _rounds(exchange.steps):
        left -= bool(output.get("bare"))
        turns = [dict(turn) for turn in json.loads(output.get("messages", "[]"))]
        for number, turn in enumerate(turns):
            last = number == len(turns) - 1
            _add_turn(
                whole,
                turn,
                results if last else [],
                valid=not bare and left == 0 and turn.get("prefix") == whole.fingerprint(),
                open_run=open_run,
                not_done=None if open_run else exchange.not_done,
            )
        whole.add("user", [text_block(label(said)) for said in heard])
    return left


def _rounds(steps: Sequence[Json]) -> Iterator[tuple[Json, list[Json], list[Said]]]:
    """Each model step's output with the results of its calls and what people said until the next one.

    Results stand right behind their calls, whenever they came: those of a resumed run come later than what was said.
    """
    output: Json = {}
    results: list[Json] = []
    heard: list[Said] = []
    for step in steps:
        if step["kind"] == "model" and "messages" in step["output"]:
            yield output, results, heard
            output, results, heard = step["output"], [], []
        elif step["kind"] == "steer":
            heard += steered(step["output"])
        elif "call_id" in step["output"]:
            results.append(step["output"])
    yield output, results, heard


def _add_turn(
    whole: Rendering,
    turn: Json,
    results: Sequence[Json],
    *,
    valid: bool,
    open_run: bool,
    not_done: Callable[[str], str] | None,
) -> None:
    """``not_done`` says of a run that is over why a call has no result."""
    content = turn["content"]
    if turn["role"] == "user":
        whole.add("user", content)
        return
    if not valid:
        content = [block for block in content if block["type"] not in THINKING]
    calls = [block for block in content if block["type"] == "tool_use"]
    answered = {output["call_id"]: output for output in results}
    if not_done:
        reasons = {call["id"]: not_done(call["id"]) for call in calls}
        if answered:  # what was done must stay known, so all the calls stay
            reasons = {call_id: reason or CUT for call_id, reason in reasons.items()}
        for call_id, reason in reasons.items():
            if reason:
                answered.setdefault(call_id, {"content": reason, "failed": True})
    if not all(call["id"] in answered for call in calls):
        # Cut between call and result: what was said stays, the calls and what led to them go.
        whole.add("assistant", [block for block in content if block["type"] == "text"])
        return
    if calls and open_run and (turn.get("by_hand") or (not valid and len(content) < len(turn["content"]))):
        # A call of the turn under way must come back with its thinking; without it, or when a person made it, it is told.
        whole.add("assistant", [block for block in content if block["type"] == "text"])
        whole.add("user", [_told(call, answered[call["id"]]) for call in calls])
        return
    whole.add("assistant", content)
    whole.add(
        "user",
        [
            result_block(call["id"], answered[call["id"]]["content"], answered[call["id"]]["failed"])
            for call in calls
        ],
    )


def _told(call: Json, output: Json) -> Json:
    arguments = json.dumps(call["input"], ensure_ascii=False)
    return text_block(f"[Already called: {call['name']} {arguments}]\n{output['content']}")


def _add_broken_off(whole: Rendering, text: str) -> None:
    """What was published of a step that never ended. The text of completed steps is there already."""
    said = [
        block["text"]
        for message in whole.messages
        if message["role"] == "assistant"
        for block in message["content"]
        if block["type"] == "text"
    ]
    for known in said:
        text = text.removeprefix(known).lstrip() if known else text
    if text.strip() and text not in said:
        whole.add("assistant", [text_block(f"{text.strip()}\n{BROKEN_OFF}")])


def tokens(messages: Sequence[Json]) -> int:
    """An estimate: four characters to a token."""
    return (
        sum(len(json.dumps(message["content"], ensure_ascii=False)) for message in messages)
        // CHARS_PER_TOKEN
    )

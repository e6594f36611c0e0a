"""One request for an answer: check it, decide, and say it piece by piece, or fail as told."""

import asyncio
import json
import uuid
from collections.abc import Iterator
from typing import Any

from sales_app.standin import MODEL, wire
from sales_app.standin.checks import Refused, check
from sales_app.standin.control import Control, Directive
from sales_app.standin.counting import Cache, request_tokens
from sales_app.standin.http import EventStream
from sales_app.standin.mind import composing
from sales_app.standin.mind.conversation import newest_question
from sales_app.standin.mind.deciding import Answer, Call, decide
from sales_app.standin.pieces import filler, pieces
from sales_app.standin.signature import Prefix, flattened, prefix_of, sign

Json = dict[str, Any]

REFUSAL = "I can't help with that."
COMPOSING_FASTER = 8


class Messages:
    """What lies behind ``/v1/messages`` of one server."""

    def __init__(self, control: Control) -> None:
        self.control = control
        self._cache = Cache()
        self._paused: set[bytes] = set()
        self._count = 0

    def accept(self, request: Any) -> "Reply":
        """Raises Refused for what the service would not answer, or when told to fail at once."""
        check(request, self.control, paused=self._paused)
        self.control.requests += 1
        self.control.last_request = request
        self._count += 1
        told = self.control.take(newest_question(request["messages"]))
        return Reply(self, request, told or Directive(), f"msg_{self._count:08d}")

    def count(self, request: Any) -> int:
        check(request, self.control, counts_only=True, paused=self._paused)
        return request_tokens(request)

    def usage(self, request: Json) -> Json:
        return self._cache.usage(request)

    def paused(self, request: Json, content: list[Json]) -> None:
        """Remember what may be sent back with the assistant's turn at its end."""
        prefix = Prefix(request)
        for _, _, role, block in flattened(request["messages"]):
            prefix.add(role, block)
        for block in content:
            prefix.add("assistant", block)
        self._paused.add(prefix.digest())


class Reply:
    def __init__(self, messages: Messages, request: Json, told: Directive, message_id: str) -> None:
        self.told = told
        self._messages = messages
        self._control = messages.control
        self._request = request
        self._id = message_id
        self._usage = messages.usage(request)
        self._said = 0
        self._limit = request["max_tokens"]
        self._content: list[Json] = []

    def failure(self) -> tuple[int, Json, dict[str, str]] | None:
        """Status, body and headers when the whole request is to fail."""
        if self.told.status is None:
            return None
        status = self.told.status
        message = self.told.message or f"The stand-in was told to answer {status}."
        headers = {} if self.told.retry_after is None else {"retry-after": f"{self.told.retry_after:g}"}
        return (
            status,
            wire.error_body(status, message, kind=self.told.kind, request_id=self.request_id),
            headers,
        )

    @property
    def request_id(self) -> str:
        return self._id.replace("msg", "req")

    def _decided(self) -> tuple[list[Call], Iterator[tuple[str, int]] | None]:
        """Tool calls, or text in pieces."""
        told = self.told
        if told.filler:
            return [], filler(told.filler)
        if told.tools:
            return [Call(str(call["name"]), dict(call.get("input", {}))) for call in told.tools], None
        text = told.text
        if text is None and told.stop == "refusal" and told.after < 0:
            return [], iter(())
        if text is None:
            decided = decide(self._request)
            if not isinstance(decided, Answer):
                return decided, None
            text = decided.text
        return [], pieces(text, seed=self._control.seed)

    async def stream(self, out: EventStream) -> None:
        """Raises ConnectionError when the client went away."""
        await asyncio.sleep(self.told.delay or self._control.pause)
        out.start(self.request_id)
        await out.send(wire.message_start(self._message(None)))
        await out.send(wire.event("ping"))
        calls, text = self._decided()
        stop = self.told.stop
        cut = self.told.after
        if self._thinks() and (calls or text is not None):
            await self._think(out)
        if text is not None:
            if self._fails_at(0):
                return await self._fail(out)
            ended = await self._say(out, text, cut)
            if ended is None:
                return await self._fail(out)
            stop = ended if stop is None or (ended == "max_tokens" and cut < 0) else stop
        for number, call in enumerate(calls):
            if self._fails_at(number):
                return await self._fail(out)
            await self._call(out, call)
        if self.told.after < 0 and self._is_to_fail():
            return await self._fail(out)
        reason = stop or ("tool_use" if calls else "end_turn")
        if reason == "pause_turn":
            self._messages.paused(self._request, self._content)
        await out.send(
            wire.message_delta(self._ending(reason), self._usage | {"output_tokens": self._said + 1})
        )
        await out.send(wire.message_stop())
        await out.finish()

    def whole(self) -> Json:
        """The answer without streaming."""
        calls, text = self._decided()
        content: list[Json] = []
        if text is not None:
            said = "".join(piece for piece, _ in text)
            content = [{"type": "text", "text": said, "citations": None}] if said else []
        content += [self._tool_use(call) for call in calls]
        reason = self.told.stop or ("tool_use" if calls else "end_turn")
        return self._message(reason, content)

    # Parts of the stream.

    def _message(self, reason: str | None, content: list[Json] | None = None) -> Json:
        return {
            "id": self._id,
            "type": "message",
            "role": "assistant",
            "model": self._request["model"],
            "content": content or [],
            "stop_reason": reason,
            "stop_sequence": None,
            "usage": self._usage | {"output_tokens": self._said + 1, "service_tier": "standard"},
        }

    def _ending(self, reason: str) -> Json:
        ending: Json = {"stop_reason": reason, "stop_sequence": None}
        if reason == "stop_sequence":
            ending["stop_sequence"] = (self._request.get("stop_sequences") or ["STOP"])[0]
        if reason == "refusal":
            ending["stop_details"] = {"type": "refusal", "category": None, "explanation": REFUSAL}
        return ending

    def _thinks(self) -> bool:
        thinking = self._request.get("thinking") or {}
        return thinking.get("type") == "adaptive"

    async def _think(self, out: EventStream) -> None:
        shown = (self._request.get("thinking") or {}).get("display") == "summarized"
        text = "I read the question and look for the records that answer it." if shown else ""
        signature = sign(prefix_of(self._request), text)
        index = len(self._content)
        self._content.append({"type": "thinking", "thinking": text, "signature": signature})
        await out.send(wire.block_start(index, {"type": "thinking", "thinking": "", "signature": ""}))
        if text:
            await out.send(wire.block_delta(index, {"type": "thinking_delta", "thinking": text}))
        await out.send(wire.block_delta(index, {"type": "signature_delta", "signature": signature}))
        await out.send(wire.block_stop(index))

    async def _say(self, out: EventStream, text: Iterator[tuple[str, int]], cut: int) -> str | None:
        """The stop reason that follows from the text, or None when it is to break off here."""
        index = len(self._content)
        block: Json | None = None
        speed = self.told.speed
        if speed is None:
            # Nobody reads along while a skill's result is written.
            speed = self._control.speed * (COMPOSING_FASTER if composing.is_request(self._request) else 1)
        started = asyncio.get_running_loop().time()
        sent = 0
        for piece, count in text:
            if cut >= 0 and sent >= cut:
                break
            if block is None:
                block = {"type": "text", "text": ""}
                self._content.append(block)
                await out.send(wire.block_start(index, {"type": "text", "text": ""}))
            if self._said + count > self._limit:
                await out.send(wire.block_stop(index))
                return "max_tokens"
            await out.send(wire.block_delta(index, {"type": "text_delta", "text": piece}))
            block["text"] += piece
            self._said += count
            sent += 1  # noqa: SIM113  counts across several loops
            if speed:
                due = started + self._said / speed
                await asyncio.sleep(max(0.0, due - asyncio.get_running_loop().time()))
        if cut >= 0 and self._is_to_fail():
            return None
        if block is not None:
            await out.send(wire.block_stop(index))
        return "end_turn"

    async def _call(self, out: EventStream, call: Call) -> None:
        block = self._tool_use(call)
        index = len(self._content)
        self._content.append(block)
        await out.send(wire.block_start(index, {**block, "input": {}}))
        text = json.dumps(call.input, ensure_ascii=False)
        for start in range(0, len(text), 24):
            part = text[start : start + 24]
            await out.send(wire.block_delta(index, {"type": "input_json_delta", "partial_json": part}))
            self._said += max(1, len(part) // 4)
        await out.send(wire.block_stop(index))

    def _tool_use(self, call: Call) -> Json:
        """Every call has an id of its own, also where the same request is answered once more: what is known of a call
        hangs on it. ``t``: thinking came before."""
        mark = "t" if self._thinks() else "n"
        return {
            "type": "tool_use",
            "id": f"toolu_{mark}{uuid.uuid4().hex[:22]}",
            "name": call.name,
            "input": call.input,
        }

    # Failing.

    def _is_to_fail(self) -> bool:
        return self.told.reset or self.told.close or self.told.error is not None or self.told.silence > 0

    def _fails_at(self, position: int) -> bool:
        return self._is_to_fail() and self.told.after == position

    async def _fail(self, out: EventStream) -> None:
        if self.told.silence:
            await asyncio.sleep(self.told.silence)
        if self.told.error is not None:
            await out.send(wire.error_event(self.told.error, self.told.message or "Told to fail."))
        if self.told.reset:
            out.reset()
        else:
            await out.finish()


__all__ = ["MODEL", "Messages", "Refused", "Reply"]

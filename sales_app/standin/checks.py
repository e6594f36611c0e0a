"""What the real service refuses with 400, refused here in the same places, so that it is found before a key is set."""

import re
from typing import Any

from sales_app.standin import counting
from sales_app.standin.control import Control
from sales_app.standin.signature import flattened, misfits, prefix_of

Json = dict[str, Any]

PARAMETERS = {
    "model",
    "max_tokens",
    "messages",
    "system",
    "tools",
    "tool_choice",
    "thinking",
    "output_config",
    "cache_control",
    "metadata",
    "stop_sequences",
    "stream",
    "service_tier",
}
REMOVED = {"temperature", "top_p", "top_k"}
EFFORTS = {"low", "medium", "high", "xhigh", "max"}
MAX_OUTPUT = 128_000
TOOL_NAME = re.compile(r"[a-zA-Z0-9_-]{1,128}")

# The keys that a block may have when it is sent.
BLOCKS: dict[str, set[str]] = {
    "text": {"text", "citations"},
    "tool_use": {"id", "name", "input", "caller", "toolset_name"},
    "tool_result": {"tool_use_id", "content", "is_error", "toolset_name"},
    "thinking": {"thinking", "signature"},
    "redacted_thinking": {"data"},
}
OF_ROLE = {
    "user": {"text", "tool_result"},
    "assistant": {"text", "tool_use", "thinking", "redacted_thinking"},
}


class Refused(Exception):
    """The request is not one that the service answers."""

    def __init__(self, message: str, *, status: int = 400) -> None:
        super().__init__(message)
        self.status = status


def check(
    request: Any, control: Control, *, counts_only: bool = False, paused: set[bytes] | None = None
) -> None:
    """Raises Refused. ``paused`` holds the digests of conversations that were stopped by ``pause_turn``."""
    if not isinstance(request, dict):
        raise Refused("The request body is not a JSON object.")
    _check_parameters(request, counts_only)
    _check_model(request["model"])
    _check_messages(request["messages"])
    _check_tools(request)
    _check_thinking(request)
    _check_pairs(request["messages"])
    _check_cache(request)
    if request["messages"][-1]["role"] == "assistant" and prefix_of(request) not in (paused or set()):
        raise Refused(
            "This model does not support assistant message prefill. The conversation must end with a user message."
        )
    for at, index in misfits(request):
        raise Refused(
            f"messages.{at}.content.{index}: Invalid `signature` in `thinking` block. The block is bound to a "
            "different conversation."
        )
    _check_open_loop(request)
    size = counting.request_tokens(request)
    if size > control.context_window:
        raise Refused(f"prompt is too long: {size} tokens > {control.context_window} maximum")


def _check_parameters(request: Json, counts_only: bool) -> None:
    for name in request:
        if name in REMOVED:
            raise Refused(f"{name}: this parameter is no longer supported.")
        if name not in PARAMETERS:
            raise Refused(f"{name}: Extra inputs are not permitted")
    for name in ("model", "messages") if counts_only else ("model", "messages", "max_tokens"):
        if name not in request:
            raise Refused(f"{name}: Field required")
    if not isinstance(request["model"], str) or not request["model"]:
        raise Refused("model: Input should be a valid string")
    if "max_tokens" in request:
        limit = request["max_tokens"]
        if not isinstance(limit, int) or isinstance(limit, bool) or limit < 1:
            raise Refused("max_tokens: Input should be a positive integer")
        if limit > MAX_OUTPUT:
            raise Refused(f"max_tokens: {limit} > {MAX_OUTPUT}, which is the most that this model writes")
    if not isinstance(request.get("stream", False), bool):
        raise Refused("stream: Input should be a valid boolean")
    config = request.get("output_config") or {}
    if not isinstance(config, dict) or not set(config) <= {"effort", "format"}:
        raise Refused("output_config: Extra inputs are not permitted")
    if config.get("effort") is not None and config["effort"] not in EFFORTS:
        raise Refused("output_config.effort: Input should be 'low', 'medium', 'high', 'xhigh' or 'max'")
    stops = request.get("stop_sequences", [])
    if not isinstance(stops, list) or not all(isinstance(stop, str) and stop.strip() for stop in stops):
        raise Refused("stop_sequences: each stop sequence must contain non-whitespace")
    system = request.get("system", "")
    if isinstance(system, list):
        for index, block in enumerate(system):
            _check_block(f"system.{index}", block, {"text"})
    elif not isinstance(system, str):
        raise Refused("system: Input should be a valid string or list")


def _check_model(model: str) -> None:
    from_here = model == "clewline-stand-in"
    if not from_here and not re.fullmatch(r"claude-[a-z0-9-]+", model):
        raise Refused(f"model: {model}", status=404)


def _check_messages(messages: Any) -> None:
    if not isinstance(messages, list) or not messages:
        raise Refused("messages: at least one message is required")
    for at, message in enumerate(messages):
        if not isinstance(message, dict) or set(message) != {"role", "content"}:
            raise Refused(f"messages.{at}: a message has a role and content, and nothing else")
        role, content = message["role"], message["content"]
        if role not in OF_ROLE:
            raise Refused(f"messages.{at}.role: Input should be 'user' or 'assistant'")
        if isinstance(content, str):
            content = [{"type": "text", "text": content}]
        if not isinstance(content, list) or not content:
            raise Refused(f"messages.{at}: all messages must have non-empty content")
        for index, block in enumerate(content):
            _check_block(f"messages.{at}.content.{index}", block, OF_ROLE[role])
    if messages[0]["role"] != "user":
        raise Refused("messages: first message must use the 'user' role")


def _check_block(where: str, block: Any, allowed: set[str]) -> None:
    if not isinstance(block, dict) or block.get("type") not in allowed:
        found = block.get("type") if isinstance(block, dict) else type(block).__name__
        raise Refused(
            f"{where}: Input tag {found!r} found does not match any of: {', '.join(sorted(allowed))}"
        )
    kind = block["type"]
    for key in block:
        if key not in BLOCKS[kind] | {"type", "cache_control"}:
            raise Refused(f"{where}.{kind}.{key}: Extra inputs are not permitted")
    required = BLOCKS[kind] - {"citations", "caller", "toolset_name", "content", "is_error"}
    for key in sorted(required - set(block)):
        raise Refused(f"{where}.{kind}.{key}: Field required")
    if kind == "text" and (not isinstance(block["text"], str) or not block["text"].strip()):
        raise Refused(f"{where}: text content blocks must contain non-whitespace text")
    if kind == "tool_use" and not isinstance(block["input"], dict):
        raise Refused(f"{where}.tool_use.input: Input should be an object")
    if kind == "tool_result" and isinstance(block.get("content"), list):
        for index, part in enumerate(block["content"]):
            _check_block(f"{where}.content.{index}", part, {"text"})


def _check_tools(request: Json) -> None:
    tools = request.get("tools", [])
    if not isinstance(tools, list):
        raise Refused("tools: Input should be a valid list")
    names = set()
    for index, tool in enumerate(tools):
        name = tool.get("name") if isinstance(tool, dict) else None
        if not isinstance(name, str) or not TOOL_NAME.fullmatch(name):
            raise Refused(f"tools.{index}.name: String should match pattern '^[a-zA-Z0-9_-]{{1,128}}$'")
        if name in names:
            raise Refused("tools: Tool names must be unique.")
        names.add(name)
        schema = tool.get("input_schema")
        if not isinstance(schema, dict) or schema.get("type") != "object":
            raise Refused(f"tools.{index}.input_schema.type: Input should be 'object'")
    kinds = {block["type"] for *_, block in flattened(request["messages"])}
    if not tools and kinds & {"tool_use", "tool_result"}:
        raise Refused("Requests which include `tool_use` or `tool_result` blocks must define tools.")
    choice = request.get("tool_choice")
    if choice is None:
        return
    if not tools:
        raise Refused("tool_choice may only be specified while providing tools.")
    if not isinstance(choice, dict) or choice.get("type") not in {"auto", "none", "any", "tool"}:
        raise Refused("tool_choice: Input should have the type auto, any, tool or none")
    if choice["type"] in {"any", "tool"}:
        raise Refused("tool_choice: forced tool use is not supported for this model.")


def _check_thinking(request: Json) -> None:
    thinking = request.get("thinking")
    if thinking is None:
        return
    if not isinstance(thinking, dict) or thinking.get("type") not in {"adaptive", "enabled", "disabled"}:
        raise Refused("thinking: Input should have the type adaptive, enabled or disabled")
    if thinking["type"] != "adaptive":
        raise Refused(
            f'"thinking.type.{thinking["type"]}" is not supported for this model. Use "thinking.type.adaptive" and '
            '"output_config.effort" to control thinking behavior.'
        )
    if thinking.get("display") not in {None, "summarized", "omitted"}:
        raise Refused("thinking.display: Input should be 'summarized' or 'omitted'")


def _check_pairs(messages: list[Json]) -> None:
    """Each call is answered in the turn right after it, before anything else is said there."""
    turns: list[tuple[str, list[tuple[str, Json]]]] = []
    for at, index, role, block in flattened(messages):
        if not turns or turns[-1][0] != role:
            turns.append((role, []))
        turns[-1][1].append((f"messages.{at}.content.{index}", block))
    seen: set[str] = set()
    for position, (role, blocks) in enumerate(turns):
        if role == "assistant":
            following = turns[position + 1][1] if position + 1 < len(turns) else []
            answered = _leading_results(following)
            calls = [block["id"] for _, block in blocks if block["type"] == "tool_use"]
            if len(set(calls)) < len(calls) or seen & set(calls):
                raise Refused("messages: `tool_use` ids must be unique")
            seen |= set(calls)
            missing = [call for call in calls if call not in answered]
            if missing:
                raise Refused(
                    f"{blocks[-1][0]}: `tool_use` ids were found without `tool_result` blocks immediately after: "
                    f"{', '.join(missing)}. Each `tool_use` block must have a corresponding `tool_result` block in the "
                    "next message."
                )
            continue
        before = turns[position - 1][1] if position else []
        called = {block["id"] for _, block in before if block["type"] == "tool_use"}
        given: set[str] = set()
        for where, block in blocks:
            if block["type"] != "tool_result":
                continue
            if block["tool_use_id"] not in called:
                raise Refused(
                    f"{where}: unexpected `tool_use_id` found in `tool_result` blocks: {block['tool_use_id']}. Each "
                    "`tool_result` block must have a corresponding `tool_use` block in the previous message."
                )
            if block["tool_use_id"] in given:
                raise Refused(f"{where}: each tool_use must have a single result")
            given.add(block["tool_use_id"])


def _leading_results(blocks: list[tuple[str, Json]]) -> set[str]:
    found = set()
    for _, block in blocks:
        if block["type"] != "tool_result":
            break
        found.add(block["tool_use_id"])
    return found


def _check_cache(request: Json) -> None:
    marks = [request.get("cache_control")]
    system = request.get("system")
    marks += [block.get("cache_control") for block in system] if isinstance(system, list) else []
    marks += [tool.get("cache_control") for tool in request.get("tools", [])]
    marks += [block.get("cache_control") for *_, block in flattened(request["messages"])]
    used = [mark for mark in marks if mark is not None]
    if len(used) > 4:
        raise Refused(f"A maximum of 4 blocks with cache_control may be provided. Found {len(used)}.")
    for mark in used:
        if (
            not isinstance(mark, dict)
            or mark.get("type") != "ephemeral"
            or mark.get("ttl", "5m") not in {"5m", "1h"}
        ):
            raise Refused("cache_control: Input should have the type ephemeral, and 5m or 1h as its ttl")


def _check_open_loop(request: Json) -> None:
    """Within a tool loop the thinking that led to the calls comes back with them. Such calls are named ``toolu_t…``."""
    turns = request["messages"]
    last = next((at for at in range(len(turns) - 1, -1, -1) if turns[at]["role"] == "assistant"), None)
    if last is None or not isinstance(turns[last]["content"], list):
        return
    content = turns[last]["content"]
    thought = any(block["type"] in {"thinking", "redacted_thinking"} for block in content)
    for index, block in enumerate(content):
        if block["type"] == "tool_use" and str(block["id"]).startswith("toolu_t") and not thought:
            answered = {
                part["tool_use_id"]
                for *_, part in flattened(turns[last + 1 :])
                if part["type"] == "tool_result"
            }
            if block["id"] in answered and not _ends_with_question(turns[last + 1 :]):
                raise Refused(
                    f"messages.{last}.content.{index}.type: Expected `thinking` or `redacted_thinking`, but found "
                    "`tool_use`. The thinking that led to a tool call must be passed back with it."
                )


def _ends_with_question(turns: list[Json]) -> bool:
    """Whether the loop was left: something was said after the results."""
    return any(block["type"] == "text" for *_, block in flattened(turns))

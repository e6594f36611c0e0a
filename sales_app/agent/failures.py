"""What a failed model call means: try the step again after a while, or end the run with a plain sentence."""

import random
from typing import Any

from sales_app.agent.limiter import Limiter
from sales_app.agent.stream import StreamError
from sessions_app.runs.agents import AgentError, RetryStep

TRIES_MAX = 6
BACKOFF_SECONDS = 1.0
WAIT_MAX_SECONDS = 60.0

BROKEN = "The model's answer broke off; asking again."
BUSY = "The model is busy; waiting for a free place."
DOWN = "The model cannot be reached; trying again."
LIMITED = "The model's rate limit is reached; waiting."

TOO_LONG = "This conversation is too long for the model. Start a new chat."
UNAVAILABLE = (
    "The model could not be reached after several tries. Your question is kept; ask again in a while."
)


class TooLong(Exception):
    """The request is longer than the model reads."""


class ThinkingRefused(Exception):
    """The service does not accept thinking blocks that were sent back."""


def failure(problem: BaseException | None, *, tries: int, limiter: Limiter) -> Exception:
    """``problem`` is what the SDK raised, None for a stream that ended without a stop reason.

    ``tries`` counts the failed tries of this step so far, this one included. Returns the exception to raise. What
    concerns the service as a whole also holds back the process's other calls.
    """
    from anthropic import APIConnectionError, APIStatusError  # noqa: PLC0415  two seconds to import
    from httpx2 import TransportError  # noqa: PLC0415  part of it

    if isinstance(problem, StreamError):
        return _by_kind(problem, tries, limiter)
    if isinstance(problem, APIStatusError):
        return _by_status(problem, tries, limiter)
    if isinstance(problem, APIConnectionError):
        return _again("model_unreachable", DOWN, tries, limiter)
    if problem is None or isinstance(problem, TransportError | OSError):
        # Between two events of the stream the SDK lets through what its transport raises.
        return _again("stream_broken", BROKEN, tries)
    if type(problem).__module__.partition(".")[0] in {"httpx2", "httpcore2", "aiohttp"}:
        return _again("stream_broken", BROKEN, tries)
    return problem if isinstance(problem, Exception) else RuntimeError(str(problem))


def _by_kind(problem: StreamError, tries: int, limiter: Limiter) -> Exception:
    """The answer had begun with status 200, so the kind says it all."""
    if problem.kind == "rate_limit_error":
        return _again("rate_limited", LIMITED, tries, limiter)
    if problem.kind in {"overloaded_error", "api_error", "timeout_error"}:
        return _again("model_busy", BUSY, tries, limiter)
    return _again("stream_broken", BROKEN, tries)


def _by_status(problem: Any, tries: int, limiter: Limiter) -> Exception:
    status = problem.status_code
    kind = str(problem.type or "")
    if status == 429 or kind == "rate_limit_error":
        return _again("rate_limited", LIMITED, tries, limiter, after=_retry_after(problem))
    if status in {408, 409} or status >= 500 or kind in {"overloaded_error", "api_error", "timeout_error"}:
        return _again("model_busy", BUSY, tries, limiter, after=_retry_after(problem))
    told = str(problem.api_message or problem)
    if status == 413 or "prompt is too long" in told or "exceed context limit" in told:
        return TooLong(told)
    if status == 400 and "thinking" in told:
        return ThinkingRefused(told)
    if status in {401, 403}:
        return AgentError(
            "The model refused this installation's key. An administrator must check it.",
            code="model_key_refused",
        )
    if status == 402 or kind == "billing_error":
        return AgentError(
            "The account with the model's vendor has no credit left. An administrator must look at it.",
            code="model_unpaid",
        )
    if status == 404:
        return AgentError(
            "The configured model does not exist. An administrator must choose another one.",
            code="model_unknown",
        )
    return AgentError(
        "The model refused the request. Please ask in another way, or start a new chat.",
        code="model_refused_request",
    )


def _retry_after(problem: Any) -> float | None:
    """Seconds. The service sends a number; a date or nonsense counts as nothing said."""
    try:
        return min(WAIT_MAX_SECONDS, max(0.0, float(problem.response.headers.get("retry-after", ""))))
    except ValueError:
        return None


def _again(
    reason: str, message: str, tries: int, limiter: Limiter | None = None, *, after: float | None = None
) -> Exception:
    if tries >= TRIES_MAX:
        return AgentError(UNAVAILABLE, code="model_unavailable")
    delay = min(WAIT_MAX_SECONDS, BACKOFF_SECONDS * 2 ** (tries - 1)) * (0.75 + random.random() / 2)  # noqa: S311
    if after is not None:
        delay = after
    elif reason == "stream_broken" and tries == 1:
        delay = 0.2
    if limiter is not None:
        limiter.hold(delay, reason, message)
    return RetryStep(delay, reason, message)

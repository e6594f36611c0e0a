"""What a failed model call means: try the step again after a while, or end the run with a plain sentence."""

import random

from sessions_app.runs.agents import AgentError, RetryStep

TRIES_MAX = 6
BACKOFF_SECONDS = 1.0
WAIT_MAX_SECONDS = 60.0

BROKEN = "The model's answer broke off; asking again."
BUSY = "The model is busy; waiting for a free place."
DOWN = "The model cannot be reached; trying again."
LIMITED = "The model's rate limit is reached; waiting."


def failure(problem: BaseException | None, *, tries: int) -> Exception:
    """``problem`` is what the SDK raised, None for a stream that ended without a stop reason.

    ``tries`` counts the failed tries of this step so far, this one included. Returns the exception to raise.
    """
    from anthropic import APIConnectionError, APIStatusError  # noqa: PLC0415  two seconds to import

    if isinstance(problem, APIStatusError):
        return _by_status(problem, tries)
    if problem is None or "ProtocolError" in type(problem).__name__ or "ReadError" in type(problem).__name__:
        return _again("stream_broken", BROKEN, tries)
    if isinstance(problem, APIConnectionError | OSError):
        return _again("model_unreachable", DOWN, tries)
    if type(problem).__module__.startswith(("httpx", "aiohttp", "httpcore")):
        return _again("stream_broken", BROKEN, tries)
    return problem if isinstance(problem, Exception) else RuntimeError(str(problem))


def _by_status(problem: object, tries: int) -> Exception:
    status = getattr(problem, "status_code", 0)
    kind = _kind(problem)
    if status == 429:
        return _again("rate_limited", LIMITED, tries, after=_retry_after(problem))
    if status >= 500 or kind in {"overloaded_error", "api_error"}:
        return _again("model_busy", BUSY, tries, after=_retry_after(problem))
    if status in {401, 403}:
        return AgentError(
            "The model refused this installation's key. An administrator must check it.",
            code="model_key_refused",
        )
    if status == 413 or "prompt is too long" in str(problem):
        return AgentError(
            "This conversation is too long for the model. Start a new chat.", code="context_too_long"
        )
    return AgentError(
        "The model refused the request. Please ask in another way, or start a new chat.",
        code="model_refused_request",
    )


def _kind(problem: object) -> str:
    body = getattr(problem, "body", None)
    error = body.get("error", {}) if isinstance(body, dict) else {}
    return str(error.get("type", "")) if isinstance(error, dict) else ""


def _retry_after(problem: object) -> float | None:
    headers = getattr(getattr(problem, "response", None), "headers", {})
    try:
        return min(WAIT_MAX_SECONDS, float(headers.get("retry-after", "")))
    except ValueError:
        return None


def _again(reason: str, message: str, tries: int, *, after: float | None = None) -> Exception:
    if tries >= TRIES_MAX:
        return AgentError(
            "The model could not be reached after several tries. Your question is kept; ask again in a while.",
            code="model_unavailable",
        )
    delay = min(WAIT_MAX_SECONDS, BACKOFF_SECONDS * 2 ** (tries - 1)) * (0.75 + random.random() / 2)  # noqa: S311
    if after is not None:
        delay = max(after, 0.0)
    elif reason == "stream_broken" and tries == 1:
        delay = 0.2
    return RetryStep(delay, reason, message)

"""The copilot: model call, tool calls, model call … until the model has answered."""

from django.utils import timezone

from sales_app.agent import context
from sales_app.agent.client import ModelClient, model_client
from sales_app.agent.database import in_database
from sales_app.agent.failures import failure
from sales_app.agent.models import AgentSettings, agent_settings
from sales_app.agent.pricing import cost_of
from sales_app.agent.prompts import system_prompt
from sales_app.agent.status import is_stand_in
from sales_app.agent.stream import Turn, read_turn
from sales_app.agent.tools import SignedOff, run_tool, tools
from sales_app.people.models import User
from sessions_app.runs.agents import AgentError, Json, RetryStep, RunContext, StepResult, StepWriter, Usage

MODEL_CALLS_MAX = 24
CONTINUE = "Continue exactly where you stopped."


class Copilot:
    name = "copilot"

    @property
    def title(self) -> str:
        return "Copilot (stand-in model)" if is_stand_in() else "Copilot"

    def examples(self, subject: object | None) -> list[str]:
        """Questions to begin with, on a new chat's page."""
        if subject is not None:
            return ["What happened here lately?", "Who are the people, and what do they care about?", "What is open?"]
        return [
            "What does my pipeline look like by stage?",
            "Which deals close this month?",
            "Which customers have I not talked to for a while?",
            "What is on my calendar this week?",
        ]

    async def prepare(self) -> None:
        await model_client()

    async def run(self, ctx: RunContext) -> Json | None:
        client = await model_client()
        options = await in_database(agent_settings)
        user = await in_database(_asker, ctx.run.requested_by)
        system = system_prompt(user, ctx.run.subject, timezone.now())
        transcript = await ctx.transcript()
        budget = options.context_tokens
        messages = context.build(transcript, budget=budget)
        said: list[Json] = []
        for _ in range(MODEL_CALLS_MAX):
            output = await ctx.step("model", "answer", ModelCall(client, options, system, messages + said))
            reason = output["stop_reason"]
            if reason == "model_context_window_exceeded":
                if budget < options.context_tokens // 3:
                    raise AgentError(
                        "This conversation is too long for the model. Start a new chat.",
                        code="context_too_long",
                    )
                budget //= 2
                messages = context.build(transcript, budget=budget)
                continue
            if reason == "refusal":
                raise AgentError(
                    "The model declined to answer this. Please ask in another way.", code="model_declined"
                )
            content = [block for block in output["content"] if not block.get("broken")]
            if content:
                said.append({"role": "assistant", "content": content})
            calls = [block for block in content if block["type"] == "tool_use"]
            if calls:
                results = [await self._tool(ctx, call) for call in calls]
                said.append({"role": "user", "content": results})
            elif reason in {"max_tokens", "pause_turn", "tool_use"}:
                said.append({"role": "user", "content": [{"type": "text", "text": CONTINUE}]})
                said = context.merged(said)
            else:
                return {"model": output["model"]}
        raise AgentError(
            "The question took too many steps. Please ask for less at once.", code="too_many_steps"
        )

    async def _tool(self, ctx: RunContext, call: Json) -> Json:
        async def body(step: StepWriter) -> StepResult:
            step.tool_call(call["id"], call["name"], call["input"])
            result, summary, failed = await in_database(
                run_tool, ctx.run.requested_by, call["name"], call["input"]
            )
            step.tool_result(call["id"], summary, error=failed)
            return StepResult(output={"call_id": call["id"], "result": result, "failed": failed})

        output = await ctx.step("tool", call["name"], body)
        return context.tool_result(output["call_id"], output["result"], output["failed"])


class ModelCall:
    """The body of a model step. It may be called again after a failure; ``tries`` bounds that."""

    def __init__(
        self, client: ModelClient, options: AgentSettings, system: str, messages: list[Json]
    ) -> None:
        self._client = client
        self._options = options
        self._system = system
        self._messages = messages
        self._tries = 0

    async def __call__(self, step: StepWriter) -> StepResult:
        model = self._client.model(self._options.model)
        try:
            turn = await self._call(step, model)
        except (AgentError, RetryStep):
            raise
        except Exception as problem:
            self._tries += 1
            raise failure(problem, tries=self._tries) from problem
        if turn.stop_reason is None:
            self._tries += 1
            raise failure(None, tries=self._tries)
        usage = await in_database(usage_of, model, turn.usage)
        return StepResult(
            output={"content": turn.content, "stop_reason": turn.stop_reason, "model": model}, usage=usage
        )

    async def _call(self, step: StepWriter, model: str) -> Turn:
        request: Json = {
            "model": model,
            "max_tokens": self._options.max_tokens,
            "system": self._system,
            "messages": self._messages,
            "tools": [tool.definition() for tool in tools()],
            "thinking": {"type": "adaptive"},
            "output_config": {"effort": self._options.effort},
            "cache_control": {"type": "ephemeral"},
        }
        stream = await self._client.api.messages.create(**request, stream=True)
        async with stream:
            return await read_turn(stream, step)


def usage_of(model: str, counted: Json) -> Usage:
    tokens = {
        "input_tokens": counted.get("input_tokens", 0),
        "output_tokens": counted.get("output_tokens", 0),
        "cache_read_tokens": counted.get("cache_read_input_tokens", 0),
        "cache_write_tokens": counted.get("cache_creation_input_tokens", 0),
    }
    return Usage(model=model, cost=cost_of(model, **tokens), **tokens)


def _asker(actor: str) -> User:
    user = User.objects.filter(pk=actor.removeprefix("user:")).first() if actor.startswith("user:") else None
    if user is None or not user.is_active:
        raise SignedOff(
            "Your account is not active, so nothing can be looked up for it.", code="account_inactive"
        )
    return user

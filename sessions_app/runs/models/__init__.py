from sessions_app.runs.models.interrupt import Effect, Interrupt
from sessions_app.runs.models.run import AgentKey, Input, Run, Step

__all__ = ["AgentKey", "Effect", "Input", "Interrupt", "Run", "Step"]

from sessions_app.runs.models.run import AgentKey, Input, Run, Step

__all__ = ["AgentKey", "Input", "Run", "Step"]

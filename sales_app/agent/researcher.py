"""The researcher: a sub-agent of the copilot that looks into one account, reads only, and asks nobody."""

from sales_app.agent.copilot import Copilot
from sales_app.agent.prompts import RESEARCHER_SYSTEM
from sales_app.agent.research import RESEARCHER
from sales_app.agent.status import is_stand_in
from sales_app.agent.tools import tools
from sales_app.agent.tools.registry import LookUp, Tool
from sessions_app.runs.agents import RunContext
from sessions_app.session.subjects import Subject


class Researcher(Copilot):
    name = RESEARCHER
    system = RESEARCHER_SYSTEM
    has_skills = False

    @property
    def title(self) -> str:
        return "Researcher (stand-in model)" if is_stand_in() else "Researcher"

    def tools(self) -> list[Tool]:
        return [tool for tool in tools() if isinstance(tool, LookUp)]

    def subject(self, ctx: RunContext) -> Subject | None:
        """The account that it was asked about, whatever the session is about."""
        account = ctx.run.options.get("account")
        return Subject(kind="account", **account) if account else None

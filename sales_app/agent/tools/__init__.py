"""The copilot's tools. Importing a module of this package registers what is in it."""

from sales_app.agent.tools import crm
from sales_app.agent.tools.registry import SignedOff, Tool, run_tool, tools

__all__ = ["SignedOff", "Tool", "crm", "run_tool", "tools"]

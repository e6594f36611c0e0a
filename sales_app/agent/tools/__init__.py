"""The copilot's tools. Importing a module of this package registers what is in it."""

from sales_app.agent.tools import crm, log_activity, research_accounts, send_email, update_field
from sales_app.agent.tools.registry import SignedOff, Tool, ToolResult, run_tool, tools

__all__ = [
    "SignedOff",
    "Tool",
    "ToolResult",
    "crm",
    "log_activity",
    "research_accounts",
    "run_tool",
    "send_email",
    "tools",
    "update_field",
]

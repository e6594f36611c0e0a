"""Database work of agents: see ``sales_app.database``."""

from sales_app.database import in_database

__all__ = ["in_database"]

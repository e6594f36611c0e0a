"""The brand kit: what pages for people outside look and sound like, and the checker that holds them to it."""

from sales_app.artifacts.brand.checking import problems
from sales_app.artifacts.brand.kit import KIT, Kit
from sales_app.artifacts.brand.voice import in_voice

__all__ = ["KIT", "Kit", "in_voice", "problems"]

"""Connectors: how skills read the company's other systems, by category.

A category (``~~email`` in a skill's text) has operations; a provider answers them for one system. Providers here are demo
providers, each a folder to be copied; a provider over MCP answers the same operations by calling a server's tools.
"""

from sales_app.connectors.base import (
    CATEGORIES,
    ConnectorDown,
    ConnectorError,
    Item,
    NotConnected,
    Provider,
    Reading,
    ask,
    provider_for,
    register_provider,
)

__all__ = [
    "CATEGORIES",
    "ConnectorDown",
    "ConnectorError",
    "Item",
    "NotConnected",
    "Provider",
    "Reading",
    "ask",
    "provider_for",
    "register_provider",
]

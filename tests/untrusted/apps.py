import os
from pathlib import Path

from django.apps import AppConfig


class UntrustedConfig(AppConfig):
    """The demo providers over the folders that a test fills: what they read comes the way it does in the product."""

    name = "tests.untrusted"
    label = "tests_untrusted"

    def ready(self) -> None:
        from sales_app.connectors import register_provider
        from sales_app.connectors.demo.calls.provider import CallsProvider
        from sales_app.connectors.demo.chat.provider import ChatProvider
        from sales_app.connectors.demo.docs.provider import DocsProvider
        from sales_app.connectors.demo.enrichment.provider import EnrichmentProvider

        folder = Path(os.environ["UNTRUSTED_DATA"])
        for made in (CallsProvider, ChatProvider, DocsProvider, EnrichmentProvider):
            register_provider(made(folder / made.category))

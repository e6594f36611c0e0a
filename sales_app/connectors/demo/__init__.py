"""The demo company's systems, one folder for each category. Copy one to connect a system of your own."""

from sales_app.connectors.base import register_provider


def register_demo_providers() -> None:
    from sales_app.connectors.demo.calendar.provider import CalendarProvider  # noqa: PLC0415  models come first
    from sales_app.connectors.demo.calls.provider import CallsProvider  # noqa: PLC0415
    from sales_app.connectors.demo.chat.provider import ChatProvider  # noqa: PLC0415
    from sales_app.connectors.demo.crm.provider import CrmProvider  # noqa: PLC0415
    from sales_app.connectors.demo.docs.provider import DocsProvider  # noqa: PLC0415
    from sales_app.connectors.demo.email.provider import EmailProvider  # noqa: PLC0415
    from sales_app.connectors.demo.enrichment.provider import EnrichmentProvider  # noqa: PLC0415

    for provider in (
        CrmProvider(),
        CalendarProvider(),
        EmailProvider(),
        CallsProvider(),
        ChatProvider(),
        DocsProvider(),
        EnrichmentProvider(),
    ):
        register_provider(provider)

"""Categories, their operations, and the registry of who answers them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType
from typing import Any, Protocol

from sales_app.crm.errors import CrmError
from sales_app.people.models import User

Json = dict[str, Any]

# Operation -> its arguments, all JSON: instants and days in ISO 8601, ids as strings. ``account`` is the id of a CRM account.
CATEGORIES: Mapping[str, Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        # What the CRM itself knows. Collectors may also read ``sales_app.crm`` directly.
        "crm": {
            "account": ("account",),
            "deals": ("account",),
            "contacts": ("account",),
            "activities": ("account", "since"),
        },
        # Meetings of the person who asks, or of one account.
        "calendar": {"events": ("start", "end", "account"), "event": ("id",)},
        # Mails of the person's own mailbox.
        "email": {"messages": ("since", "account", "direction"), "message": ("id",), "drafts": ()},
        # Recorded calls with transcript: ``meta["lines"]`` is [{"at": seconds, "speaker", "side": "us"|"them", "text"}].
        "calls": {"calls": ("account", "since"), "call": ("id",)},
        # Internal chat: mentions of and messages to the person, and what is said about an account.
        "chat": {"messages": ("since", "account"), "message": ("id",)},
        # Product docs, policies, initiatives and events of the company.
        "docs": {"search": ("query", "kind", "limit"), "document": ("id",)},
        # What is known of a company outside: firmographics, tools in use, news.
        "enrichment": {"company": ("account",), "news": ("account", "since")},
    }
)


class ConnectorError(CrmError):
    code = "connector_error"


class NotConnected(ConnectorError):
    """Nobody answers for this category."""

    code = "not_connected"


class ConnectorDown(ConnectorError):
    """The provider could not be reached or answered nonsense; ``message`` says which and what to do."""

    code = "connector_down"


@dataclass(frozen=True, kw_only=True)
class Item:
    """One thing that a provider returned.

    ``id`` is the provider's own; ``url`` a page of ours that shows it; ``at`` when it happened or begins; ``people`` are names
    as written there; ``account`` the id of the CRM account that it belongs to; ``untrusted``: outsiders wrote it.
    """

    id: str
    kind: str
    at: datetime
    title: str
    text: str = ""
    people: tuple[str, ...] = ()
    account: int | None = None
    url: str = ""
    untrusted: bool = False
    meta: Json = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Reading:
    """What an operation returned: newest first unless it says otherwise. ``as_of`` is how fresh it is."""

    category: str
    provider: str
    as_of: datetime
    items: tuple[Item, ...]


class Provider(Protocol):
    """``name`` is stable; ``title`` is what people read, such as "Gmail" or "Demo calendar"."""

    name: str
    title: str
    category: str

    async def call(self, user: User, operation: str, arguments: Json) -> Reading:
        """Answer with what ``user`` may see. Raises ConnectorError; never blocks the event loop."""


_providers: dict[str, Provider] = {}


def register_provider(provider: Provider) -> None:
    """The last one that is registered for a category answers it."""
    if provider.category not in CATEGORIES:
        raise ValueError(f"There is no category {provider.category!r}.")
    _providers[provider.category] = provider


def provider_for(category: str) -> Provider | None:
    return _providers.get(category)


async def ask(user: User, category: str, operation: str, **arguments: Any) -> Reading:
    """One operation, with the rights of ``user``. Raises NotConnected, ConnectorDown."""
    known = CATEGORIES[category][operation]
    wrong = set(arguments) - set(known)
    if wrong:
        raise ValueError(f"{category}.{operation} takes no {', '.join(sorted(wrong))}.")
    provider = _providers.get(category)
    if provider is None:
        raise NotConnected(f"No system is connected for {category}. RevOps connects one in the admin.")
    return await provider.call(user, operation, arguments)

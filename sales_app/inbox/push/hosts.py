"""Where pushes may be sent. A browser names its push service, so the address is a stranger's: only known services are called,
and only at addresses of the public internet.
"""

import ipaddress
import socket
from urllib.parse import SplitResult, urlsplit

from django.conf import settings


class NotAllowed(Exception):
    """Why this address is not called, in words."""


def checked(endpoint: str) -> SplitResult:
    """The address of a known push service. Raises NotAllowed."""
    try:
        url = urlsplit(endpoint)
        port = url.port
    except ValueError:
        raise NotAllowed("The address of the push service cannot be read.") from None
    if own_origin(url):
        return url
    if url.scheme != "https" or port not in {None, 443} or url.username or url.password or not url.hostname:
        raise NotAllowed("A push service is reached by https on its usual port.")
    if not any(_matches(url.hostname, host) for host in settings.CLEWLINE_PUSH_HOSTS):
        raise NotAllowed(f"{url.hostname} is no push service that is known here.")
    return url


def own_origin(url: SplitResult) -> bool:
    """Whether an operator has named exactly this origin, which may then be a private address and without TLS."""
    origin = f"{url.scheme}://{url.netloc}"
    return "@" not in url.netloc and origin in settings.CLEWLINE_PUSH_HOSTS


def _matches(host: str, allowed: str) -> bool:
    """``*.example.com`` is every host below it."""
    if allowed.startswith("*."):
        return host.endswith(allowed[1:]) and host != allowed[2:]
    return host == allowed


def address_of(host: str, port: int, *, private: bool) -> str:
    """One address of the host, looked up now. Raises NotAllowed when any of them is not of the public internet, OSError."""
    found = [str(each[4][0]) for each in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]
    if not private and not all(_is_public(each) for each in found):
        raise NotAllowed(f"{host} leads to an address that is not of the public internet.")
    return found[0]


def _is_public(address: str) -> bool:
    parsed = ipaddress.ip_address(address)
    if isinstance(parsed, ipaddress.IPv6Address) and parsed.ipv4_mapped:
        parsed = parsed.ipv4_mapped
    return parsed.is_global and not parsed.is_multicast

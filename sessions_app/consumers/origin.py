"""Which pages may open a socket with somebody's cookie: our own.

The same rule as Django's for unsafe requests: the page's origin is the host that it connects to, or a trusted one;
where people come by HTTPS, a page that came without is not ours: anybody on the way could have written it.
A list of hosts alone would let in whatever else runs there on another port, which gets the cookie too.
"""

from collections.abc import Iterable
from urllib.parse import SplitResult, urlsplit

from django.conf import settings
from django.http.request import split_domain_port, validate_host

DEFAULT_PORTS = {"http": "80", "https": "443"}


def is_own_page(headers: Iterable[tuple[bytes, bytes]]) -> bool:
    """From the headers of the handshake. A client without ``Origin`` is no browser of ours and is refused too."""
    given = {name: value.decode("latin1") for name, value in headers if name in (b"origin", b"host")}
    try:
        origin = urlsplit(given[b"origin"])
        origin_domain = (origin.hostname or "").lower()
        origin_port = str(origin.port or DEFAULT_PORTS.get(origin.scheme, ""))
        domain, port = split_domain_port(given[b"host"].lower())
    except (KeyError, ValueError):
        return False
    allowed = settings.ALLOWED_HOSTS or ([".localhost", "127.0.0.1", "[::1]"] if settings.DEBUG else [])
    if origin.scheme not in DEFAULT_PORTS or not domain or not validate_host(domain, allowed):
        return False
    if f"[{origin_domain}]" == domain:  # IPv6
        origin_domain = domain
    same = (origin_domain, origin_port) == (domain, port or DEFAULT_PORTS[origin.scheme])
    safe = origin.scheme == "https" or not settings.SESSION_COOKIE_SECURE
    return (same and safe) or _is_trusted(origin)


def _is_trusted(origin: SplitResult) -> bool:
    own = f"{origin.scheme}://{origin.netloc}".lower()
    for trusted in settings.CSRF_TRUSTED_ORIGINS:
        scheme, _, host = trusted.lower().partition("://")
        if own == trusted.lower():
            return True
        if host.startswith("*.") and origin.scheme == scheme and origin.netloc.lower().endswith(host[1:]):
            return True
    return False

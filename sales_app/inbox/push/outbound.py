"""The connection to a push service. The address is looked up, checked and used in one go: a name that is answered otherwise
the second time leads nowhere. No redirects, no proxies of the environment.
"""

import socket
from typing import Any

import requests
from requests.adapters import HTTPAdapter
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool, PoolManager
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import NewConnectionError

from sales_app.inbox.push.hosts import NotAllowed, address_of


def _connect(connection: Any, *, private: bool) -> socket.socket:
    try:
        address = address_of(connection.host, connection.port, private=private)
        return socket.create_connection((address, connection.port), timeout=connection.timeout)
    except (OSError, NotAllowed) as problem:
        raise NewConnectionError(connection, str(problem)) from problem


class _Checked(HTTPSConnection):
    def _new_conn(self) -> socket.socket:
        return _connect(self, private=False)


class _CheckedPool(HTTPSConnectionPool):
    ConnectionCls = _Checked


class _Own(HTTPConnection):
    def _new_conn(self) -> socket.socket:
        return _connect(self, private=True)


class _OwnPool(HTTPConnectionPool):
    ConnectionCls = _Own


class _OwnSecure(HTTPSConnection):
    def _new_conn(self) -> socket.socket:
        return _connect(self, private=True)


class _OwnSecurePool(HTTPSConnectionPool):
    ConnectionCls = _OwnSecure


class _Adapter(HTTPAdapter):
    def __init__(self, *, own: bool) -> None:
        self._pools: dict[str, Any] = (
            {"http": _OwnPool, "https": _OwnSecurePool} if own else {"https": _CheckedPool}
        )
        super().__init__(max_retries=0)

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs)
        manager: PoolManager = self.poolmanager
        manager.pool_classes_by_scheme = self._pools


def session(*, own: bool) -> requests.Session:
    """``own``: to an origin that the operator named."""
    made = requests.Session()
    made.trust_env = False
    made.max_redirects = 0
    made.adapters.clear()
    adapter = _Adapter(own=own)
    made.mount("https://", adapter)
    if own:
        made.mount("http://", adapter)
    return made

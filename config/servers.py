"""The two ASGI servers behind one interface, on a socket that is bound before they start."""

import asyncio
import contextlib
import socket
from collections.abc import Callable, Iterator
from typing import Any, Protocol

import uvicorn
from daphne.server import Server as Daphne
from daphne.server import twisted_loop
from twisted.internet import reactor as installed_reactor

from config.static import Application
from sessions_app.live.loop import set_server_loop

reactor: Any = installed_reactor

MESSAGE_LIMIT = 1024 * 1024  # bytes of one WebSocket message
CLOSE_SECONDS = 3  # what open connections get at the end

Ready = Callable[[], None]


def listen(host: str, port: int) -> socket.socket:
    """A listening socket; port 0 takes a free one. Raises ``OSError`` when the address is taken."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
        listener.listen(2048)
    except OSError:
        listener.close()
        raise
    return listener


class Server(Protocol):
    def run(self) -> None:
        """Serve in this thread until ``stop``."""

    def stop_accepting(self) -> None:
        """Refuse new connections; from any thread."""

    def stop(self) -> None:
        """Close what is open and let ``run`` return; from any thread."""


class UvicornServer:
    def __init__(self, application: Application, listener: socket.socket, ready: Ready) -> None:
        self.listener, self.ready = listener, ready
        config = uvicorn.Config(
            application,
            loop="uvloop",
            http="httptools",
            ws="wsproto",
            ws_max_size=MESSAGE_LIMIT,
            ws_per_message_deflate=False,
            lifespan="off",
            access_log=False,
            server_header=False,
            proxy_headers=False,
            log_config=None,
            timeout_graceful_shutdown=CLOSE_SECONDS,
        )
        self.server = _Uvicorn(config, ready)

    def run(self) -> None:
        self.server.run(sockets=[self.listener])
        set_server_loop(None)

    def stop_accepting(self) -> None:
        if self.server.loop is not None:
            self.server.loop.call_soon_threadsafe(self.server.close_listeners)

    def stop(self) -> None:
        self.server.should_exit = True


class _Uvicorn(uvicorn.Server):
    def __init__(self, config: uvicorn.Config, ready: Ready) -> None:
        super().__init__(config)
        self.ready = ready
        self.loop: asyncio.AbstractEventLoop | None = None

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield  # the command has handlers of its own

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        self.loop = asyncio.get_running_loop()
        set_server_loop(self.loop)
        await super().startup(sockets=sockets)
        self.ready()

    def close_listeners(self) -> None:
        for server in self.servers:
            server.close()


class _Daphne(Daphne):
    """Keeps its ports, and survives an idle connection at the end (daphne 4.2.3 raises KeyError there)."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.ports: list[Any] = []

    def listen_success(self, port: Any) -> None:
        super().listen_success(port)
        self.ports.append(port)

    def close_listeners(self) -> None:
        for port in self.ports:
            port.stopListening()

    def kill_all_applications(self) -> Any:
        idle = [k for k, v in self.connections.items() if "application_instance" not in v]
        for connection in idle:
            del self.connections[connection]
        return super().kill_all_applications()


class DaphneServer:
    def __init__(self, application: Application, listener: socket.socket, ready: Ready) -> None:
        self.server = _Daphne(
            application,
            endpoints=[f"fd:fileno={listener.detach()}"],  # twisted closes it
            signal_handlers=False,
            ready_callable=ready,
            server_name="",
            verbosity=0,
            websocket_timeout=-1,  # an expired login ends a socket, its age does not
            websocket_max_message_size=MESSAGE_LIMIT,
            websocket_max_frame_size=MESSAGE_LIMIT,
            application_close_timeout=CLOSE_SECONDS,
        )

    def run(self) -> None:
        set_server_loop(twisted_loop)
        self.server.run()
        set_server_loop(None)

    def stop_accepting(self) -> None:
        reactor.callFromThread(self.server.close_listeners)

    def stop(self) -> None:
        reactor.callFromThread(reactor.stop)


SERVERS: dict[str, Callable[[Application, socket.socket, Ready], Server]] = {
    "daphne": DaphneServer,
    "uvicorn": UvicornServer,
}

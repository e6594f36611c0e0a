"""Both ASGI servers under the same limits."""

import subprocess
import sys
from collections.abc import Iterator

import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import connect

from tests.support.topology import ROOT, ServerName, Topologies

MEBIBYTE = 1024 * 1024


@pytest.fixture(params=["daphne", "uvicorn"])
def echo(request: pytest.FixtureRequest) -> Iterator[str]:
    """The host and port of a server that answers each message with its length."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.frame.echo_server", request.param],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    yield f"127.0.0.1:{int(process.stdout.readline())}"
    process.kill()
    process.wait()


def test_messages_up_to_one_mebibyte(echo: str) -> None:
    with connect(f"ws://{echo}/", max_size=None) as socket:
        socket.send("x" * MEBIBYTE)
        assert socket.recv(timeout=10) == str(MEBIBYTE)


def test_longer_messages_end_the_socket_and_nobody_elses(echo: str) -> None:
    with connect(f"ws://{echo}/") as neighbour, connect(f"ws://{echo}/", max_size=None) as socket:
        with pytest.raises(ConnectionClosed):
            socket.send("x" * (MEBIBYTE + 1))
            socket.recv(timeout=10)
        neighbour.send("abc")
        assert neighbour.recv(timeout=10) == "3"


def test_fragments_add_up(echo: str) -> None:
    with connect(f"ws://{echo}/", max_size=None) as socket, pytest.raises(ConnectionClosed):
        socket.send("x" * 1000 for _ in range(2000))
        socket.recv(timeout=10)


def test_nothing_is_compressed(echo: str) -> None:
    """A deflate window for each of thousands of sockets would cost more than what it saves."""
    with connect(f"ws://{echo}/", compression="deflate") as socket:
        assert socket.response is not None
        assert "Sec-WebSocket-Extensions" not in socket.response.headers


@pytest.mark.parametrize("server", ["daphne", "uvicorn"])
def test_sockets_from_other_sites_are_refused(topology: Topologies, server: ServerName) -> None:
    clewline = topology.embedded(server=server)
    url = clewline.url.replace("http", "ws")
    for origin in ("https://evil.example.com", "null", None):
        with pytest.raises(InvalidStatus) as refused:
            connect(f"{url}/socket/", origin=origin)  # type: ignore[arg-type]
        assert refused.value.response.status_code == 403

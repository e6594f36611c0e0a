"""A process for test_servers: one of our servers with an application that echoes, on the port of its first line."""

import sys
from typing import Any

from config.servers import SERVERS, listen


async def echo(scope: Any, receive: Any, send: Any) -> None:
    if scope["type"] != "websocket":
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"here"})
        return
    await receive()
    await send({"type": "websocket.accept"})
    while (message := await receive())["type"] == "websocket.receive":
        await send({"type": "websocket.send", "text": str(len(message.get("text") or ""))})


listener = listen("127.0.0.1", 0)
port = listener.getsockname()[1]
SERVERS[sys.argv[1]](echo, listener, lambda: print(port, flush=True)).run()

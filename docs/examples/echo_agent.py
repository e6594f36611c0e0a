#!/usr/bin/env python3
"""An agent that knows nothing of Clewline but its HTTP interface: it echoes the last input, word by word.

    python manage.py agent_key echo            # prints a key
    CLEWLINE_AGENT_KEY=clw_… python docs/examples/echo_agent.py http://127.0.0.1:8000

Only the standard library. A session is served by it when it was started with the agent ``echo``.
"""

import json
import os
import sys
import time
import urllib.error
import urllib.request
import uuid
from typing import Any


def post(url: str, token: str, body: dict[str, Any]) -> dict[str, Any] | None:
    request = urllib.request.Request(  # noqa: S310  the address is the operator's
        url,
        data=json.dumps(body).encode(),
        headers={"Authorization": f"Bearer {token}", "Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310
        text = answer.read()
    return json.loads(text) if text else None


def serve_one(base: str, key: str, *, pause: float) -> bool:
    """Claim a run and answer it. False when there was none."""
    run = post(f"{base}/agents/claim", key, {"agent": "echo"})
    if run is None:
        return False
    url, token = f"{base}/agents/runs/{run['run']}", run["token"]
    said = next(item["text"] for item in reversed(run["transcript"]) if item["kind"] == "user")
    message = uuid.uuid4().hex
    batches: list[list[dict[str, Any]]] = [[{"type": "TEXT_MESSAGE_START", "messageId": message}]]
    batches += [
        [{"type": "TEXT_MESSAGE_CONTENT", "messageId": message, "delta": word + " "}] for word in said.split()
    ]
    batches.append([{"type": "TEXT_MESSAGE_END", "messageId": message}])
    try:
        for seq, events in enumerate(batches):
            post(f"{url}/events", token, {"seq": seq, "events": events})
            time.sleep(pause)
        post(f"{url}/finish", token, {"result": {"words": len(said.split())}})
    except urllib.error.HTTPError as problem:
        if problem.code != 409:  # 409: somebody else has the run now, or it has ended
            raise
    return True


def main() -> None:
    base, key = sys.argv[1].rstrip("/"), os.environ["CLEWLINE_AGENT_KEY"]
    while True:
        if not serve_one(base, key, pause=0.05):
            time.sleep(0.5)


if __name__ == "__main__":
    main()

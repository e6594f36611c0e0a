"""A running installation with three people signed in, and an agent that says what a test tells it to.

The agent speaks the HTTP interface for agents: a test is its model, so that nothing has to be timed or slept for.
"""

import json
import uuid
from typing import Any

import httpx
from playwright.sync_api import expect

from tests.support.ports import until
from tests.support.topology import Clewline

AGENT = "scripted"

PREPARE = f"""
import json
from importlib import import_module
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY, get_user_model
from django.contrib.auth.models import Permission
from sessions_app.runs.remote import create_key

store = import_module(settings.SESSION_ENGINE).SessionStore
made = {{"key": create_key(agent={AGENT!r}, name="tests")}}
for name in ("mia", "ola", "zoe"):
    user = get_user_model().objects.create_user(f"{{name}}@example.com", None, first_name=name.title())
    user.user_permissions.add(Permission.objects.get(codename="inspect_session"))
    session = store()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.save()
    made[name] = {{"id": user.pk, "cookie": session.session_key}}
print("PREPARED " + json.dumps(made))
"""


expect.set_options(timeout=15_000)


def wait(page: Any, condition: str, arg: Any = None) -> None:
    """Until the JavaScript says yes. Playwright's own waiting needs ``eval``, which the page's policy forbids."""
    until(lambda: bool(page.evaluate(condition, arg)), timeout=15, what=condition)


class Site:
    """The installation as people use it."""

    def __init__(self, clewline: Clewline) -> None:
        self.clewline = clewline
        line = next(line for line in clewline.shell(PREPARE).splitlines() if line.startswith("PREPARED "))
        self.made = json.loads(line.removeprefix("PREPARED "))
        self.agent = ScriptedAgent(self)

    @property
    def url(self) -> str:
        return self.clewline.url

    def device(self, browser: Any, name: str = "mia", **options: Any) -> Any:
        """A browser context that is signed in; its pages fail the test on script errors and foreign requests."""
        context = browser.new_context(base_url=self.url, **options)
        cookie = {"name": "clewline_session", "value": self.made[name]["cookie"], "url": self.url}
        context.add_cookies([cookie])
        context.set_default_timeout(15_000)
        context.site, context.problems = self, []
        context.on("page", lambda page: self._watch(page, context.problems))
        return context

    def _watch(self, page: Any, problems: list[str]) -> None:
        page.on("pageerror", lambda error: problems.append(f"script error: {error}"))
        page.on("dialog", lambda dialog: (problems.append(f"dialog: {dialog.message}"), dialog.dismiss()))
        page.on(
            "console",
            lambda message: (
                problems.append(message.text) if "Content Security Policy" in message.text else None
            ),
        )
        local = (self.url, self.url.replace("http", "ws"), "data:", "blob:", "about:")
        page.on(
            "request",
            lambda request: (
                None if request.url.startswith(local) else problems.append(f"request: {request.url}")
            ),
        )

    def key(self, uuid: str) -> str:
        """A UUID as the database keeps it."""
        return uuid if self.clewline.postgres is not None else uuid.replace("-", "")

    def rows(self, sql: str, *values: Any) -> list[Any]:
        """One query; ``?`` stands for a value on both databases."""
        if self.clewline.postgres is not None:
            sql = sql.replace("?", "%s")
        with self.clewline.connect() as connection:
            cursor = connection.execute(sql, values)
            return list(cursor.fetchall()) if cursor.description else []


class ScriptedAgent:
    def __init__(self, site: Site) -> None:
        self.site = site
        self.http = httpx.Client(timeout=20)

    def post(self, path: str, token: str, body: dict[str, Any]) -> httpx.Response:
        return self.http.post(self.site.url + path, json=body, headers={"Authorization": f"Bearer {token}"})

    def claim(self, session: str) -> "ScriptedRun":
        """The session's next run; waits for it. Runs that another test left are ended."""
        found: list[ScriptedRun] = []

        def asked() -> bool:
            answer = self.post("/agents/claim", self.site.made["key"], {"agent": AGENT})
            if answer.status_code == 200:
                run = ScriptedRun(self, answer.json())
                if run.claimed["session"] != session:
                    run.fail("Left behind.")
                    return False
                found.append(run)
            return bool(found)

        until(asked, timeout=15, what="a run to claim")
        return found[0]


class ScriptedRun:
    def __init__(self, agent: ScriptedAgent, claimed: dict[str, Any]) -> None:
        self.agent, self.claimed, self.seq = agent, claimed, 0
        self.path, self.token = f"/agents/runs/{claimed['run']}", claimed["token"]
        self.open: str | None = None

    @property
    def asked(self) -> str:
        return str([item for item in self.claimed["transcript"] if item["kind"] == "user"][-1]["text"])

    def publish(self, *events: dict[str, Any]) -> None:
        answer = self.agent.post(f"{self.path}/events", self.token, {"seq": self.seq, "events": list(events)})
        assert answer.status_code == 200, answer.text
        self.seq += 1

    def say(self, text: str) -> None:
        """Append to the open message, opening one when there is none."""
        events = []
        if self.open is None:
            self.open = uuid.uuid4().hex
            events.append({"type": "TEXT_MESSAGE_START", "messageId": self.open})
        self.publish(*events, {"type": "TEXT_MESSAGE_CONTENT", "messageId": self.open, "delta": text})

    def end(self) -> None:
        self.publish({"type": "TEXT_MESSAGE_END", "messageId": self.open})
        self.open = None

    def message(self, text: str) -> None:
        self.say(text)
        self.end()

    def tool(self, name: str, args: dict[str, Any], result: str | None, *, error: bool = False) -> None:
        call = uuid.uuid4().hex
        events: list[dict[str, Any]] = [
            {"type": "TOOL_CALL_START", "toolCallId": call, "toolCallName": name},
            {"type": "TOOL_CALL_ARGS", "toolCallId": call, "delta": json.dumps(args)},
            {"type": "TOOL_CALL_END", "toolCallId": call},
        ]
        if result is not None:
            done: dict[str, Any] = {"type": "TOOL_CALL_RESULT", "toolCallId": call, "content": result}
            events.append({**done, "metadata": {"error": True}} if error else done)
        self.publish(*events)

    def finish(self, **body: Any) -> None:
        answer = self.agent.post(f"{self.path}/finish", self.token, {"seq": self.seq, **body})
        assert answer.status_code == 200, answer.text

    def fail(self, message: str, code: str = "model_unavailable") -> None:
        self.finish(error={"code": code, "message": message})


class Chat:
    """One page that shows a chat."""

    def __init__(self, page: Any) -> None:
        self.page = page

    @classmethod
    def begin(cls, context: Any, text: str, agent: str = AGENT) -> "Chat":
        page = context.new_page()
        page.goto(f"/chat/new/?agent={agent}")
        chat = cls(page)
        chat.send(text)
        page.wait_for_url("**/chat/*-*-*/")
        chat.live()
        return chat

    @classmethod
    def open(cls, context: Any, url: str) -> "Chat":
        page = context.new_page()
        page.goto(url)
        chat = cls(page)
        chat.live()
        return chat

    @property
    def url(self) -> str:
        return str(self.page.url)

    @property
    def id(self) -> str:
        return self.url.rstrip("/").rsplit("/", 1)[-1]

    def claim(self) -> ScriptedRun:
        """Be the agent: take the run that answers this chat's next input."""
        return self.page.context.site.agent.claim(self.id)  # type: ignore[no-any-return]

    def answer(self, text: str) -> None:
        run = self.claim()
        run.message(text)
        run.finish()

    def send(self, text: str) -> None:
        self.page.fill("#composer-text", text)
        self.page.press("#composer-text", "Enter")

    def live(self) -> None:
        self.page.wait_for_selector("#connection[data-state=live]")

    def shows(self, text: str) -> None:
        """Waits until the last answer is exactly this text (a space at its end waits for what follows)."""
        expect(self.page.locator(".answer .prose").last).to_have_text(text.strip())

    def answers(self) -> list[str]:
        return list(
            self.page.eval_on_selector_all(".answer .prose", "all => all.map(each => each.textContent)")
        )

    def said(self) -> list[str]:
        """What people said, in the order shown, queued and unsent ones included."""
        return list(
            self.page.eval_on_selector_all(".msg-user .said", "all => all.map(each => each.textContent)")
        )

    def finished(self, runs: int = 1) -> None:
        expect(self.page.locator(".turn[data-status=finished]")).to_have_count(runs)


class Line:
    """The page's WebSockets, in the test's hand: ``cut`` closes them and refuses new ones until ``mend``."""

    def __init__(self, page_or_context: Any) -> None:
        self.open: list[Any] = []
        self.whole = True
        self.seen = 0
        page_or_context.route_web_socket("**/ws/", self._route)

    def _route(self, socket: Any) -> None:
        self.seen += 1
        if not self.whole:
            socket.close(code=1011)
            return
        socket.connect_to_server()
        self.open.append(socket)

    def cut(self) -> None:
        self.whole = False
        for socket in self.open:
            socket.close(code=1011)
        self.open.clear()

    def mend(self) -> None:
        self.whole = True

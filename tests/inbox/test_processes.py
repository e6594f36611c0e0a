"""Mail from a real worker, which asks a real web process who is here."""

import email
import email.policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from asgiref.sync import sync_to_async

from tests.live.conftest import Served, open_tab
from tests.live.test_servers import Talk
from tests.support.ports import until
from tests.support.topology import Clewline, Topologies

do = sync_to_async(thread_sensitive=False)


def mails(clewline: Clewline) -> list[EmailMessage]:
    files = sorted(Path(clewline.environment["CLEWLINE_DATA_DIR"], "mail").glob("*"))
    found = [email.message_from_bytes(each.read_bytes(), policy=email.policy.default) for each in files]
    return [each for each in found if each["To"]]  # a file that is not written yet is empty


def due(clewline: Clewline) -> Any:
    with clewline.connect() as connection:
        return connection.execute("SELECT mail_due FROM sales_app_notice").fetchone()


@pytest.mark.thorough
async def test_the_worker_asks_the_web_process_who_is_here(topology: Topologies) -> None:
    env = {"CLEWLINE_NOTICE_SECONDS": "1", "CLEWLINE_SITE_URL": "https://clewline.example"}
    clewline = await do(topology.production)(webs=1, workers=1, env=env)
    talk: Any = await do(Talk)(clewline)
    async with open_tab(Served(clewline.web.port), talk.cookie) as tab:
        await tab.follow(talk)
        await tab.until("presence")
        # No such agent is installed: the worker ends the run with an error, which is an end too.
        await tab.send(t="send", s=talk.pk, id="m1", text="Hello", ref="r")
        assert (await tab.until("inbox"))["unread"] == 1
        first = await do(due)(clewline)
        assert first[0] is not None
        # It is put off, again and again, while the person has the chat open.
        await do(until)(lambda: due(clewline) != first, timeout=45, what="the mail to be put off")
        assert (await do(due)(clewline))[0] is not None
        assert mails(clewline) == []
    await do(until)(lambda: len(mails(clewline)) == 1, timeout=45, what="the mail")
    (mail,) = mails(clewline)
    assert (mail["To"], mail["Subject"]) == ("ann@example.com", "An answer failed: Talk")
    assert f"https://clewline.example/chat/{talk.pk}/" in mail.get_content()

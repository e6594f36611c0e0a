"""~~chat: what colleagues write to each other."""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from pathlib import Path

from django.urls import reverse

from sales_app.connectors.arguments import key, moment, required
from sales_app.connectors.base import Item
from sales_app.connectors.demo.files import (
    Row,
    accounts_by_reference,
    email_of,
    folder,
    person_named,
    zone_of,
)
from sales_app.connectors.demo.reader import Json, Operation, Reader
from sales_app.demo.people import BY_KEY
from sales_app.demo.when import Calendar
from sales_app.people.models import User

DATA = Path(__file__).parent / "data"


class ChatProvider(Reader):
    """The newest first. Members of a channel read it; a message about an account only those who may see that account.

    Without ``account``: messages to the person, which are direct ones, those that mention them, and those of others in
    threads in which they wrote. With it: all that is said about the account where they are a member.

    ``channels.jsonl``: ``{"name", "direct", "members": [key or e-mail address]}``. ``messages.jsonl``: ``{"id", "channel",
    "when" or "thread" and "after", "author", "text", "mentions"?: [key], "account"?, "done_by"?: [key]}``; ``when`` is ``-2 10:30``
    in the author's zone; ``thread`` the id of the thread's first message and ``after`` the minutes since that; ``account`` an
    external id of the CRM (of a whole thread, on its first message); ``done_by`` who marked the message as done.

    ``meta``: ``channel``, ``direct``, ``author``, ``author_email``, ``mentions`` (e-mail addresses), ``mentions_me``,
    ``question`` (it asks something), ``acted_on`` (the person wrote in the thread after it, or marked it as done), ``thread``
    (its id) and ``replies``. ``message`` adds ``messages``: the whole thread ``[{"id", "at", "author", "text"}]``.
    """

    name = "demo_chat"
    title = "Demo chat"
    category = "chat"

    def __init__(self, data: Path | None = None) -> None:
        self.folder = folder(data, DATA)

    def operations(self) -> Mapping[str, Operation]:
        return {"messages": self._messages, "message": self._message}

    def _messages(self, user: User, arguments: Json) -> Iterator[Item]:
        account, since = key(arguments, "account"), moment(arguments, "since")
        for item in self._items(user):
            if since is not None and item.at < since:
                continue
            if item.account == account if account is not None else _is_to(item, user):
                yield item

    def _message(self, user: User, arguments: Json) -> Iterator[Item]:
        id = required(arguments, "id")
        items = self._items(user)
        found = next((item for item in items if item.id == id), None)
        if found is not None:
            thread = [item for item in reversed(items) if item.meta["thread"] == found.meta["thread"]]
            found.meta["messages"] = [
                {"id": item.id, "at": item.at.isoformat(), "author": item.meta["author"], "text": item.text}
                for item in thread
            ]
            yield found

    def _items(self, user: User) -> list[Item]:
        when = self.folder.calendar()
        me = _keys_of(user)
        mine = {row["name"]: row for row in self.folder.rows("channels") if me & set(row["members"])}
        rows = [row for row in self.folder.rows("messages") if row["channel"] in mine]
        about = {row["id"]: row.get("account", "") for row in rows}
        accounts = accounts_by_reference(user, about.values())
        seen = []
        for row in rows:
            reference = row.get("account") or about.get(row.get("thread", ""), "")
            if not reference or reference in accounts:
                seen.append((row, accounts.get(reference)))
        threads: dict[str, list[Row]] = {}
        for row, _ in seen:
            threads.setdefault(row.get("thread") or row["id"], []).append(row)
        begun = {
            row["id"]: when.instant(row["when"], zone_of(row["author"])) for row, _ in seen if "when" in row
        }
        items = []
        for row, account in seen:
            thread = row.get("thread") or row["id"]
            if thread not in begun:  # an answer to what is not in the file
                continue
            at = begun[thread] + timedelta(minutes=row.get("after", 0))
            items.append(_item(row, at, when, account, threads[thread], mine[row["channel"]], me))
        return sorted(items, key=lambda item: (item.at, item.id), reverse=True)


def _keys_of(user: User) -> frozenset[str]:
    """How the person is called in the files: by the e-mail address, or in short."""
    return frozenset({user.email, *(key for key, person in BY_KEY.items() if person.email == user.email)})


def _is_to(item: Item, user: User) -> bool:
    if item.meta["author_email"] == user.email:
        return False
    return bool(item.meta["direct"] or item.meta["mentions_me"] or item.meta["in_my_thread"])


def _item(
    row: Row,
    at: datetime,
    when: Calendar,
    account: int | None,
    thread: list[Row],
    channel: Row,
    me: frozenset[str],
) -> Item:
    mentions = row.get("mentions", [])
    # In the file a thread stands in the order in which it was written.
    later = thread[thread.index(row) + 1 :]
    acted_on = any(other["author"] in me for other in later) or bool(me & set(row.get("done_by", [])))
    words = when.said(row["text"], at)
    return Item(
        id=row["id"],
        kind="message",
        at=at,
        title=f"{person_named(row['author'])} {'directly' if channel.get('direct') else 'in #' + channel['name']}",
        text=words,
        people=(person_named(row["author"]), *(person_named(name) for name in mentions)),
        account=account,
        url=reverse("source", args=["chat", row["id"]]),
        meta={
            "channel": channel["name"],
            "direct": bool(channel.get("direct")),
            "author": person_named(row["author"]),
            "author_email": email_of(row["author"]),
            "mentions": [email_of(name) for name in mentions],
            "mentions_me": bool(me & set(mentions)),
            "in_my_thread": any(other["author"] in me for other in thread),
            "question": "?" in words,
            "acted_on": acted_on,
            "thread": row.get("thread") or row["id"],
            "replies": len(thread) - 1,
        },
    )

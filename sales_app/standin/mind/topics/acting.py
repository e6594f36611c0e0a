"""Doing what was asked: find the record that is meant, ask back if several fit, call the tool, say what became of it."""

import re
from typing import Any

from sales_app.standin.mind import writing
from sales_app.standin.mind.conversation import Done
from sales_app.standin.mind.following import ACTS, LISTS, spoken_of
from sales_app.standin.mind.steps import Answer, Call, Situation
from sales_app.standin.mind.topics.shared import not_found
from sales_app.standin.mind.wishes import Wish

Json = dict[str, Any]

FINDERS = {record: tool for tool, record in LISTS.items()}
WHOM = {
    "log": "Whom or what was it about? Give the name of a contact, an account or a deal.",
    "set": "Which record do you mean? Give its name as it is written in the list.",
    "mail": "To whom? Give the name of a contact, or an email address.",
}
WHAT = {
    "log": "What shall I write down? Say it in a sentence.",
    "set": "To what shall I set it?",
    "mail": "What shall I write? Say it in a sentence.",
}
DECLINED = {
    "log": "You declined it, so nothing was logged.",
    "set": "You declined it, so nothing was changed.",
    "mail": "You declined it, so nothing was sent.",
}
WHERE_NOT = 'I find no {kinds} called "{name}" among the records that you may see. Check the spelling.'


def about_acting(situation: Situation, wish: Wish) -> "list[Call] | Answer":
    if wish.dropped:
        return Answer("All right, I leave it. Nothing was done.")
    acted = [done for done in situation.done if done.name in ACTS]
    if acted:
        return Answer("\n\n".join(_became(done, wish) for done in acted))
    row = wish.picked or _subject(situation, wish)
    if row is None:
        found = _find(situation, wish)
        if not isinstance(found, dict):
            return found
        row = found
    if not wish.text:
        return Answer(WHAT[wish.act])
    return _act(situation, wish, row)


# Which record.


def _subject(situation: Situation, wish: Wish) -> Json | None:
    """Where none is named: the record that was spoken of last, or that the conversation is about."""
    if wish.who:
        return None
    row = spoken_of(situation.conversation.earlier, wish.records)
    subject = situation.conversation.subject
    if row is None and subject is not None and wish.act != "mail" and subject.kind in wish.records:
        row = {"id": int(subject.id), "name": subject.label, "record": subject.kind}
    return row


def _find(situation: Situation, wish: Wish) -> "Json | list[Call] | Answer":
    """The one record that fits, the look-up for it, or the question back."""
    if wish.act == "mail" and "@" in wish.who:
        return {"email": wish.who, "name": wish.who, "record": "address"}
    if not wish.who and wish.act == "log" and wish.kind in {"task", "note"} and wish.text:
        return {"record": ""}
    if not wish.who:
        return Answer(WHOM[wish.act])
    for record in wish.records:
        looked = [done for done in situation.done if done.name == FINDERS[record]]
        if not looked:
            return [Call(FINDERS[record], _search(record, wish))]
        done = looked[-1]
        if done.args.get("open_only") and not done.failed and not done.result.get("items"):
            # No open deal: perhaps a closed one.
            return [Call(FINDERS[record], {**done.args, "open_only": False})]
        if done.failed:
            return Answer(writing.plain(done.error.get("message") or "The look-up failed.", limit=600))
        rows = _fitting(record, done, wish)
        if len(rows) == 1:
            return {**rows[0], "record": record}
        if rows:
            return Answer(_which(rows, record))
    if wish.act == "log" and wish.kind == "task":
        return {"record": ""}  # a task stands for itself
    kinds = writing.joined(list(wish.records)).replace(" and ", " or ").replace("activity", "task")
    return Answer(
        WHERE_NOT.format(kinds=kinds, name=writing.plain(wish.who)) if wish.records else not_found(wish.who)
    )


def _search(record: str, wish: Wish) -> Json:
    if record == "activity":
        return {"owner": "me", "limit": 50}
    found: Json = {"text": wish.who, "limit": 6}
    if record == "deal" and wish.text not in {"won", "lost"}:
        found["open_only"] = True
    return found


def _fitting(record: str, done: Done, wish: Wish) -> list[Json]:
    """Rows that may be meant; one that is called exactly so stands before others that only contain the words."""
    rows: list[Json] = done.result.get("items", [])
    wanted = wish.who.lower()
    if record == "activity":
        rows = [row for row in rows if wanted in str(row.get("subject", "")).lower()]
    if record == "contact" and len(wish.records) > 1:
        # Everybody at Karbury Associates is found by their account's name: then that is meant, not one of them.
        rows = [row for row in rows if not _is_account_alone(wanted, row)]
    named = [row for row in rows if str(row.get("name") or row.get("subject") or "").lower() == wanted]
    return named if len(named) == 1 else rows


def _is_account_alone(wanted: str, row: Json) -> bool:
    own = " ".join(str(row.get(fact) or "") for fact in ("name", "email", "title")).lower().split("@")[0]
    account = str(row.get("account") or "").lower()
    said = wanted.split()
    return all(word in account for word in said) and not any(word in own for word in said)


def _which(rows: list[Json], record: str) -> str:
    lines = []
    for at, row in enumerate(rows, 1):
        facts = [
            row.get("title"),
            row.get("email"),
            row.get("stage"),
            row.get("account"),
            row.get("country"),
            row.get("due"),
        ]
        if record == "deal" and row.get("amount"):
            facts.insert(1, writing.money(row["amount"], row.get("currency", "USD")))
        shown = ", ".join(writing.plain(fact) for fact in facts if fact)
        lines.append(f"{at}. {writing.link(row)}" + (f" – {shown}" if shown else ""))
    noun = "task" if record == "activity" else record
    return f"Several {noun}s fit, and I do not want to guess. Which one do you mean?\n\n" + "\n".join(lines)


# What is called.


def _act(situation: Situation, wish: Wish, row: Json) -> "list[Call] | Answer":
    if wish.act == "log":
        return [Call("log_activity", _log_args(wish, row))]
    if wish.act == "mail":
        return _mail(situation, wish, row)
    if wish.field == "stage" and wish.text == "lost" and not (wish.reason or row.get("lost_reason")):
        return Answer(f"Why was {writing.link(row)} lost? Say it in a few words; reports count on it.")
    value: Any = wish.text
    if wish.field == "done":
        value = True
    now = row.get({"probability": "probability_percent"}.get(wish.field, wish.field))
    if now is not None and _same(now, value):
        shown = writing.plain(_shown(wish.field, value))
        return Answer(f"The {_label(wish.field)} of {writing.link(row)} is {shown} already. I left it so.")
    calls = [_update(row, wish.field, value)]
    if wish.reason:
        calls.insert(
            0, _update(row, "lost_reason" if value == "lost" else "next_step", _sentence(wish.reason))
        )
    return calls


def _update(row: Json, field: str, value: Any) -> Call:
    return Call("update_field", {"record": row["record"], "ref": row["id"], "field": field, "value": value})


def _same(now: Any, value: Any) -> bool:
    try:
        return float(now) == float(value)
    except (TypeError, ValueError):
        return str(now).strip().lower() == str(value).strip().lower()


def _log_args(wish: Wish, row: Json) -> Json:
    said = _sentence(wish.text)
    args: Json = {
        "kind": wish.kind,
        "subject": said if len(said) <= 120 else said[:110].rsplit(" ", 1)[0] + " …",
    }
    if len(said) > 120:
        args["body"] = said
    if row.get("record") in {"contact", "account", "deal"}:
        args[row["record"]] = row["id"]
    if wish.due:
        args["due"] = wish.due
    return args


def _mail(situation: Situation, wish: Wish, row: Json) -> "list[Call] | Answer":
    if not row.get("email"):
        return Answer(
            f"{writing.link(row)} has no email address in the records. Add one, or give me an address."
        )
    said = _sentence(wish.text)
    text = f"I am writing about {wish.text}." if wish.kind == "about" else _ended(said)
    first = "" if row["record"] == "address" else str(row["name"]).split(" ")[0]
    lines = [
        f"Hello {first}," if first else "Hello,",
        "",
        text,
        "",
        "Best regards",
        situation.conversation.user,
    ]
    subject = said.rstrip(".") if len(said) <= 80 else said[:70].rsplit(" ", 1)[0] + " …"
    args: Json = {"contact": row["id"]} if row["record"] == "contact" else {"to": row["email"]}
    return [
        Call("send_email", {**args, "subject": " ".join(subject.split()), "body": "\n".join(lines).strip()})
    ]


def _ended(said: str) -> str:
    """With a full stop, unless it ends otherwise."""
    return said if said.endswith(("?", "!", "…", ":")) else f"{said.rstrip('.')}."


def _sentence(text: str) -> str:
    text = text.strip().strip('"“”').strip()
    return text[:1].upper() + text[1:]


# What became of it.


def _became(done: Done, wish: Wish) -> str:
    if done.failed:
        return _failed(done, wish)
    result = done.result
    if done.name == "send_email":
        sent = result.get("sent", {})
        return f"Sent to {writing.plain(sent.get('to', ''))}: {writing.link(sent)}. It is in your mailbox."
    if done.name == "log_activity":
        logged = result.get("logged", {})
        about = [writing.link(row) for row in result.get("about", {}).values()]
        where = f" for {about[0]}" + (f" at {about[1]}" if len(about) > 1 else "") if about else ""
        return f"Logged the {writing.plain(logged.get('kind', 'activity'))}{where}: {writing.link(logged)}."
    return _changed(result, done)


def _changed(result: Json, done: Done) -> str:
    row, fields = result.get("changed", {}), result.get("fields", {})
    if not fields:
        return f"{writing.link(row)} had this already. I left it so."
    parts = [
        f"{_label(name)} is now **{writing.plain(_shown(name, after) or 'empty')}**"
        + (f" (before: {writing.plain(_shown(name, before))})" if before else "")
        for name, (before, after) in fields.items()
        if name != "stage_changed_at"
    ]
    return f"{writing.link(row)}: {writing.joined(parts)}."


def _failed(done: Done, wish: Wish) -> str:
    code, message = str(done.error.get("code", "")), str(done.error.get("message", ""))
    said = str(done.result.get("said", ""))
    if code == "denied":
        note = f" You wrote: {writing.plain(said)}." if said else ""
        return f"{DECLINED[wish.act]}{note} Tell me what should be different, or leave it at that."
    if code == "expired":
        return "Nobody decided in time, so it was not done. Ask again if it still matters."
    if code == "unknown":
        return (
            "Nobody knows whether this happened: it was begun and then broke off. I do not try it again. "
            "Look into the mailbox, and ask the other side before you repeat it."
        )
    if code == "not_asked":
        return "I did not do it, because you said something meanwhile. Tell me if it should still be done."
    found = done.error.get("candidates")
    if found:
        return _which(found, str(done.args.get("record", "record")))
    return f"That did not work. {writing.plain(message or 'The tool gave no reason.', limit=600)}"


def _label(field: str) -> str:
    return {"email": "email address", "close_date": "closing day"}.get(field, field.replace("_", " "))


def _shown(field: str, value: Any) -> str:
    if field in {"stage", "health", "status", "role"}:
        return str(value).replace("_", " ")
    if field == "close_date":
        return writing.day(value)
    if field in {"amount", "arr"} and re.fullmatch(r"\d+(\.\d+)?", str(value)):
        return f"{float(value):,.2f}".removesuffix(".00")
    return {"True": "yes", "False": "no"}.get(str(value), str(value))

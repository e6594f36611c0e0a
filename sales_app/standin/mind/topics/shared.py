"""What topics share: lists, conditions, questions back."""

from collections.abc import Callable
from typing import Any

from sales_app.standin.mind import writing
from sales_app.standin.mind.conversation import Done
from sales_app.standin.mind.reading import Reading
from sales_app.standin.mind.steps import Answer, Call, Situation

Json = dict[str, Any]


def ref_of(reading: Reading) -> str | int | None:
    return whole(reading.name) if reading.name else None


def whole(name: str) -> str | int:
    return int(name) if name.isdecimal() else name


def row_limit(reading: Reading) -> int | None:
    if reading.limit is not None:
        return reading.limit
    if reading.order == "biggest" and reading.has(
        r"(?:biggest|largest|most valuable) (?:open )?(?:deal|account|customer|company|opportunity)"
    ):
        return 1
    return 50 if reading.has("all of them", "every single") else None


def section(title: str, listed: Json | None, write: Callable[[list[Json]], str]) -> str:
    if not listed or not listed.get("items"):
        return ""
    total = listed.get("total", len(listed["items"]))
    return f"### {title} ({total})\n\n{write(listed['items'])}"


def listed(looked: Done, write: Callable[[list[Json]], str], noun: str, conditions: str) -> str:
    rows = looked.result.get("items", [])
    if not rows:
        return f"There is no {noun} {conditions}".rstrip() + " among the records that you may see."
    head = f"**{writing.count(looked.result['total'], noun)}** {conditions}".rstrip()
    return f"{head}.{writing.shown(looked.result, noun)}\n\n{write(rows)}"


def conditions_of(args: Json, reading: Reading | None = None) -> str:
    """What was asked for, read from the arguments that the tool got."""
    parts = []
    if args.get("stage"):
        closed = args["stage"] in {"won", "lost"}
        parts.append(args["stage"] if closed else f"in {args['stage']}")
    if args.get("segment"):
        parts.append(f"of the segment {writing.word(args['segment'])}")
    if args.get("status"):
        parts.append(f"with the status {args['status']}")
    if args.get("health"):
        healths = {"at_risk": "at risk", "good": "in good health", "watch": "to watch"}
        parts.append(healths.get(args["health"], f"with the health {writing.word(args['health']).lower()}"))
    if args.get("industry"):
        parts.append(f"in {writing.plain(args['industry']).lower()}")
    if args.get("country"):
        parts.append(f"in {writing.plain(args['country'])}")
    if args.get("role"):
        parts.append(f"with the role {writing.role(args['role']).lower()}")
    if args.get("owner"):
        parts.append("of yours" if args["owner"] == "me" else f"of {writing.plain(args['owner'])}")
    if args.get("text"):
        parts.append(f'matching "{writing.plain(args["text"])}"')
    if args.get("competitor"):
        parts.append(f"against {writing.plain(args['competitor'])}")
    if args.get("not_contacted_since"):
        parts.append(f"not contacted since {writing.day(args['not_contacted_since'])}")
    if args.get("min_amount") is not None and args.get("max_amount") is not None:
        parts.append(f"between {args['min_amount']:,.0f} and {args['max_amount']:,.0f}")
    elif args.get("min_amount") is not None:
        parts.append(f"of {args['min_amount']:,.0f} or more")
    elif args.get("max_amount") is not None:
        parts.append(f"of {args['max_amount']:,.0f} or less")
    if reading is not None and reading.span is not None:
        closes = "close_from" in args or "close_to" in args
        if closes or "since" in args:
            verb = "closing " if closes and args.get("stage") not in {"won", "lost"} else ""
            parts.append(f"{verb}{reading.span.label}")
    return " ".join(parts)


def which_one(looked: Done, noun: str) -> str:
    """The question back when several fit; empty when one was found."""
    candidates = looked.result.get("candidates") or looked.error.get("candidates")
    if not candidates:
        return ""
    lines = []
    for at, row in enumerate(candidates, 1):
        facts = [
            row.get("email"),
            row.get("title"),
            row.get("industry"),
            row.get("country"),
            row.get("account"),
            row.get("owner"),
        ]
        shown = ", ".join(writing.plain(fact) for fact in facts if fact)
        lines.append(f"{at}. {writing.link(row)}" + (f" – {shown}" if shown else ""))
    return f"Several {noun}s fit. Which one do you mean?\n\n" + "\n".join(lines)


def not_found(name: str) -> str:
    return (
        f'I find no account, person or deal called "{writing.plain(name)}" among the records that you may see. '
        "Check the spelling, or ask for a list, for example of your accounts."
    )


def corrected(situation: Situation, looked: Done) -> "list[Call] | Answer":
    """What to do about a refused call: drop a value that does not exist, once, else say what there is."""
    which = which_one(looked, "record")
    if which:
        return Answer(which)
    message = str(looked.error.get("message", "")) or "The look-up failed."
    if looked.error.get("code") == "not_found" and situation.reading.name:
        return Answer(not_found(situation.reading.name))
    return Answer(f"I find nothing for that. {writing.plain(message, limit=600)}")

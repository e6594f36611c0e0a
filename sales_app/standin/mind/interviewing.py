"""Asking in an interview: the question that was planned, as it was planned."""

import re
from typing import Any

from sales_app.standin.mind.conversation import text_of

Json = dict[str, Any]

# The first line of the constant prompt.
MARK = "You interview somebody who sells well, one question at a time"
PLANNED = re.compile(r"<planned>(.*?)</planned>", re.DOTALL)


def is_request(request: Json) -> bool:
    return text_of(request.get("system")).startswith(MARK)


def next_question(request: Json) -> str:
    found = PLANNED.search(text_of(request["messages"][-1]["content"]))
    return found[1].strip() if found else "What else should others know?"

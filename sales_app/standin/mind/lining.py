"""Wording lines for a skill from counts: the advice as it was given, and the counts behind it."""

import json
import re
from typing import Any

from sales_app.standin.mind.conversation import text_of

Json = dict[str, Any]

# The first line of the constant prompt.
MARK = "You word lines for a sales skill, from counts that were computed"
FACTS = re.compile(r"<facts>(.*)</facts>", re.DOTALL)


def is_request(request: Json) -> bool:
    return text_of(request.get("system")).startswith(MARK)


def line_up(request: Json) -> str:
    found = FACTS.search(text_of(request["messages"][-1]["content"]))
    rows = json.loads(found[1]) if found else []
    return "\n".join(f"{row['id']} | {row['advice']} ({row['counts']})." for row in rows)

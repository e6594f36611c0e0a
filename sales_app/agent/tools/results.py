"""Results within bounds: the model reads them whole or is told what is missing."""

import json
from collections.abc import Iterator
from typing import Any

Json = dict[str, Any]

# About 6,000 tokens.
RESULT_CHARACTERS = 24_000
TEXT_CHARACTERS = 400


def bounded(result: Json, *, limit: int = RESULT_CHARACTERS) -> Json:
    """The result within ``limit`` characters of JSON: first long texts are cut, then lists, and both say so."""
    if _length(result) <= limit:
        return result
    result = _with_short_texts(result)
    while _length(result) > limit:
        longest = max(_lists(result), key=_length, default=None)
        if longest is None or len(longest) < 2:
            return {"error": {"code": "too_much", "message": "The result is too long. Ask for less of it."}}
        del longest[len(longest) // 2 :]
        result["left_out"] = "Some rows are left out because there are too many. Ask for fewer."
    return result


def _length(value: Any) -> int:
    return len(json.dumps(value, ensure_ascii=False, default=str))


def _with_short_texts(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _with_short_texts(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_with_short_texts(item) for item in value]
    if isinstance(value, str) and len(value) > TEXT_CHARACTERS:
        return value[:TEXT_CHARACTERS] + "… [cut]"
    return value


def _lists(value: Any) -> Iterator[list[Any]]:
    if isinstance(value, list):
        yield value
    for item in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from _lists(item)

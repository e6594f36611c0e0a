"""Files as a form edits them, and back: what nobody touched keeps its bytes.

Browsers send every line end as CRLF. A text comes back with the line ends and the byte order mark that the file had; when nothing
but those differ, the file is the same.
"""

from sales_app.skills.comparing import text_of
from sales_app.skills.folders import in_order
from sales_app.skills.text import plain_lines

MAX_EDITABLE = 200_000  # bytes of one file
MAX_TOGETHER = 1_500_000  # Django refuses forms above 2.5 MB


def editable(files: dict[str, bytes]) -> dict[str, str]:
    """Those that a form can hold, as texts; SKILL.md first. What does not fit is kept as it is."""
    found: dict[str, str] = {}
    left = MAX_TOGETHER
    for path in in_order(files):
        text = text_of(files[path])
        if text is None or len(files[path]) > min(left, MAX_EDITABLE):
            continue
        left -= len(files[path])
        found[path] = plain_lines(text)
    return found


def as_bytes(typed: str, original: bytes | None) -> bytes:
    """The file after editing; ``original`` None: a new one, with plain line ends."""
    typed = plain_lines(typed)
    if original is None:
        return typed.encode()
    was = original.decode("utf-8")
    if typed == plain_lines(was):
        return original
    ends = "\r\n" if was.count("\r\n") * 2 > was.count("\n") else "\n"
    mark = "\ufeff" if was.startswith("\ufeff") else ""
    return (mark + typed.replace("\n", ends)).encode()

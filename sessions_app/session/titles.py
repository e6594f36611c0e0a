"""A chat's title from the first thing that was said in it: short, the same every time, and free."""

import re

LIMIT = 60
FILLERS = re.compile(
    r"^(?:(?:hi|hello|hey|hallo|good (?:morning|afternoon|evening))(?: (?:there|copilot|claude|all))?[,!. ]+"
    r"|please[, ]+"
    r"|(?:can|could|would|will) you (?:please )?(?:just )?"
    r"|(?:i(?:'d| would) (?:like|love) (?:to know|to see|you to)|i (?:want|need) (?:to know|to see)?) ?"
    r"|(?:show|give|tell) me (?!more\b|about\b)"
    r"|let me (?:see|know) )+",
    re.IGNORECASE,
)
# "/call-prep Acme (account:12)": a command, what it is about, and references that only it needs.
COMMAND = re.compile(r"^/([a-z][a-z0-9-]*)(?: +(.*))?$", re.IGNORECASE)
REFERENCE = re.compile(r"\s*\([a-z]+:\d+\)", re.IGNORECASE)
ENDINGS = re.compile(r"(?:[,;]? (?:please|thanks|thank you|thx))?[\s.!?,;:]*$", re.IGNORECASE)


def title_for(text: str, *, limit: int = LIMIT) -> str:
    """At most ``limit`` characters, cut between words. Empty only when there is nothing to read in ``text``."""
    line = next((" ".join(line.split()) for line in text.splitlines() if line.strip()), "")
    if command := COMMAND.match(line):
        about = REFERENCE.sub("", command[2] or "").strip()
        line = command[1].replace("-", " ") + (f": {about}" if about else "")
    sentence = re.split(r"(?<=[.!?])\s+(?=[A-ZÀ-Þ])", line)
    # A greeting by itself tells nothing when something follows it.
    said = (FILLERS.sub("", f"{part} ") for part in sentence)
    wanted = next((part for part in said if len(part.strip(" .!?,")) > 2), line)
    short = ENDINGS.sub("", wanted).strip() or line.strip()
    short = short[:1].upper() + short[1:]
    if len(short) <= limit:
        return short
    cut = short[: limit - 1]
    return (cut.rsplit(" ", 1)[0] if " " in cut else cut).rstrip(" ,.;:–-") + "…"

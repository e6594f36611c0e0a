"""What is asked that the stand-in does not do: acts that it has no tool for, and questions that no record answers.

Read before anything is looked up: "delete the Acme deal" answered with the deal, or the weather with an account, would look
like an answer.
"""

import re

from sales_app.standin.mind.reading import Reading
from sales_app.standin.mind.wishes import PLEASE

NOTHING_DONE = "Nothing was done."
_MEETING = r"(?:meetings?|calls?|appointments?|demos?|slots?|lunch|coffee|invites?)\b"
_RECORD = r"(?:accounts?|compan(?:y|ies)|customers?|prospects?|contacts?|persons?|deals?|opportunit(?:y|ies)|leads?)\b"

# (how it is asked, what is said)
ACTS: tuple[tuple[str, str], ...] = (
    (
        r"(?:delete|erase|remove|purge|wipe|clear|get rid of|throw away)\b.+",
        "I cannot delete or empty anything. I can change a field to another value.",
    ),
    (
        r"(?:merge|combine|dedupe|deduplicate)\b.+",
        "I cannot merge records. I can show you both, and change a field of either.",
    ),
    (
        rf"(?:create|add(?! up\b)|make|register|set up)(?: me)? (?:an? |the |another |some )?(?:new )?(?:[\w-]+ )?{_RECORD}.*",
        "I cannot create accounts, contacts or deals. Their lists and the account's page have a button for it.",
    ),
    (
        rf"(?:schedule|book|arrange|set up|organi[sz]e|plan|reschedule|move|postpone|cancel|shift|push|decline|accept)\b(?! of| for)"
        rf".*\b{_MEETING}.*",
        'I cannot plan, move or cancel meetings. I can note a task for it: "Remind me to …".',
    ),
    (
        r"(?:export|download|print|import|upload)\b.+",
        "I cannot export or import. The lists have buttons for their CSV.",
    ),
    (
        r"(?:invite|share(?! of\b)|forward|attach|translate|approve|reject)\b.+",
        "I cannot do that. I can log activities, change fields and write emails.",
    ),
    (
        r"(?:undo|revert|roll back|take back)\b.*",
        'I cannot take back what was done. Use "Undo" beside it in this chat.',
    ),
    (
        r"(?:book|order|buy|reserve)(?: me| us)? (?:an? |the |some )?(?:\w+ )?(?:flights?|trains?|hotels?|rooms?|cars?|taxis?|tables?|tickets?|pizzas?|lunch|dinner)\b.*",
        "I cannot book or order anything.",
    ),
    # What was read as a wish does not come here.
    (
        r"(?:set|change|move|push|postpone|delay|reschedule|extend|raise|increase|reduce|rename|assign|hand over|mark|log|write|send|draft|compose)"
        r"\b(?! (?:of|me)\b).+",
        "I could not read what shall be done. Say it like one of these: "
        '"Set the close date of *a deal* to *a day*", "Move *a deal* to negotiation", "Log a call with *a name*: *what was said*", '
        '"Email *a name* that …".',
    ),
)
# A name begins with a capital, also where everything else is written small.
CALL = re.compile(
    rf"(?i:{PLEASE}(?:call|phone|ring|dial)(?: up)?) [A-ZÀ-Þ][\w'.-]*(?: [A-ZÀ-Þ][\w'.-]*)*[.! ]*"
)
OFF_TOPIC = re.compile(
    r"\b(?:weather|raining|snowing|is it (?:sunny|cold|hot|warm)|temperature|jokes?|poems?|songs?|lyrics|recipes?|horoscope|lottery"
    r"|football|soccer|world cup|olympics|movies?|bitcoin|stock (?:price|market)|exchange rate|capital (?:city )?of|population of"
    r"|prime minister|meaning of life|what time is it|what(?:'s| is) the time|who invented|how (?:old|tall) (?:is|are)"
    r"|python|javascript|source code|in the world)\b"
)
STATE = re.compile(r"\b(?:president|king|queen|chancellor|government|currency) of\b")
SUM = re.compile(
    r"(?:what(?:'s| is)|how much is|calculate|compute)? ?[\d.,]+(?: ?(?:[-+*/x×÷^]|plus|minus|times|divided by) ?[\d.,]+)+[ ?=.]*"
)


def refused(question: str) -> str:
    """Why an act is not done; empty when the question asks for none of these."""
    text = " ".join(question.replace("’", "'").split()).rstrip(".!? ")
    for asked, said in ACTS:
        if re.fullmatch(PLEASE + asked, text, re.IGNORECASE):
            return f"{said} {NOTHING_DONE}"
    if CALL.fullmatch(text):
        return f"I cannot place calls. I can show you the phone number, and log the call afterwards. {NOTHING_DONE}"
    return ""


def is_off_topic(reading: Reading) -> bool:
    """Asks about the world, not about the records. What stands in a name does not count."""
    return bool(
        OFF_TOPIC.search(reading.rest)
        or (STATE.search(reading.rest) and reading.country)
        or SUM.fullmatch(reading.low.strip())
    )

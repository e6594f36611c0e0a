"""The demo company's chat: channels, and messages by situation. ``@name`` mentions; ``[W+2]`` is a weekday after the message."""

from collections.abc import Iterator
from typing import Any, Final

from sales_app.demo.people import PEOPLE

AMERICAS: Final = ("dana", "hector", "tyrone", "grace")
INTERNATIONAL: Final = ("katja", "jasper", "mei", "sofie", "lars")
SELLERS: Final = (*AMERICAS, *INTERNATIONAL)
EVERYBODY: Final = tuple(person.key for person in PEOPLE)

CHANNELS: Final[dict[str, tuple[str, ...]]] = {
    "general": EVERYBODY,
    "deals-americas": AMERICAS,
    "deals-international": INTERNATIONAL,
    "deal-desk": (*SELLERS, "indira"),
    "competitive": SELLERS,
    "product-news": EVERYBODY,
}
# From whom to whom, and the one who hands leads over.
MANAGER: Final = {person.key: person.manager for person in PEOPLE if person.role in ("rep", "bdr")}
BDR: Final = {"grace": "tyrone", "lars": "sofie"}


def direct(first: str, second: str) -> str:
    return "direct-" + "-".join(sorted((first, second)))


def channels() -> Iterator[dict[str, Any]]:
    for name, members in CHANNELS.items():
        yield {"name": name, "direct": False, "members": list(members)}
    pairs = {tuple(sorted(pair)) for pair in MANAGER.items()}
    pairs |= {tuple(sorted((rep, BDR[boss]))) for rep, boss in MANAGER.items() if rep != BDR[boss]}
    pairs |= {tuple(sorted((rep, "indira"))) for rep in MANAGER}
    for first, second in sorted(pairs):
        yield {"name": direct(first, second), "direct": True, "members": [first, second]}


# Threads about a deal of ``rep``, each ``(where, messages)``; a message is (who, text). Who: rep, boss, bdr, indira, peer.
# The last one of a thread that ends with a question to the rep is what nobody has acted on.
UNANSWERED: Final = (
    (
        "team",
        (
            (
                "boss",
                "@{rep} {account}: the close date on record has come near and there is {amount} on it. What is the next step, and who owns it?",
            ),
        ),
    ),
    (
        "direct boss",
        (
            (
                "boss",
                "Before the forecast call: is {account} commit or best case? I need one word and one reason by [W+1].",
            ),
        ),
    ),
    (
        "team",
        (
            (
                "bdr",
                "@{rep} somebody from accounts payable at {account} called the main number and asked for you, about prices for {seats} users. I said that you call back. Could you?",
            ),
        ),
    ),
    (
        "deal-desk",
        (
            (
                "indira",
                "@{rep} for {account} I am missing the term and the payment terms. Without them I cannot put {discount}% in front of the desk. Can you add both by [W+1]?",
            ),
        ),
    ),
    (
        "direct bdr",
        (
            (
                "bdr",
                "Met {champ} from {account} at a webinar yesterday. Was asking about {need_bare}. Do you want to take it, or shall I answer?",
            ),
        ),
    ),
    (
        "direct indira",
        (
            (
                "indira",
                "Deal hygiene: {account} has no entry for the competitor, and your notes name {competitor}. Could you fill it in before the report on [W+2]?",
            ),
        ),
    ),
    (
        "competitive",
        (
            (
                "peer",
                "@{rep} you are up against {competitor} at {account}, right? I have them as well. How do you answer the price?",
            ),
        ),
    ),
)
ANSWERED: Final = (
    (
        "team",
        (
            ("boss", "@{rep} how did it go with {champ} at {account}?"),
            (
                "rep",
                "Better than I thought. {pain_cap}, and now there is a number on it. Next call is in the calendar.",
            ),
            ("boss", "Good. Put the number into the notes, please."),
        ),
    ),
    (
        "deal-desk",
        (
            (
                "rep",
                "{account} wants {discount}% for three years, paid yearly in advance. Is there a precedent?",
            ),
            (
                "indira",
                "Yes. Two this year: three years, paid in advance, 15% with a reference. Above that it needs the desk.",
            ),
            ("rep", "Then I stay below that, and ask for two reference calls a year in return."),
        ),
    ),
    (
        "direct boss",
        (
            ("boss", "Do you need me at {account}?"),
            ("rep", "Not yet. If {buyer} goes quiet for another week, yes."),
        ),
    ),
    (
        "competitive",
        (
            (
                "rep",
                "{competitor} at {account}: {discount}% below us, and the first quarter free. {champ} told me in confidence, so not a word outside.",
            ),
            ("peer", "Same pattern at one of mine. They ask for two years then, look at the small print."),
            ("rep", "Thanks, I did not know about the two years."),
        ),
    ),
)
# Said to everybody. (channel, author, text, [(who, answer)])
NEWS: Final = (
    ("competitive", "katja", "Ledgerwick has changed its pricing page: the small plan is gone, and setup costs extra now.", (("hector", "Since when? I quoted against the old one last week."), ("katja", "Since Monday, I have a screenshot."))),
    ("competitive", "jasper", "Purchora lost its head of product, says their own blog. Expect the roadmap to slip.", ()),
    ("competitive", "mei", "Quillbuy now has an office in Singapore. Two people so far.", (("lars", "Thanks. Anything on prices there?"), ("mei", "Not yet."))),
    ("competitive", "dana", "Ordervane's support answers after three days, that is from three customers now. Please ask about it.", ()),
    ("product-news", "admin", "Approval on the phone works offline since this morning. The note is in the documents.", (("sofie", "My prospects have asked for this since spring."),)),
    ("product-news", "admin", "The connector writes cost centres back as of next week. Beta customers have had it for a month.", (("dana", "Can I promise it in writing?"), ("admin", "From the release on, not before."))),
    ("general", "grace", "Reminder: two references from each of you before the quarter ends. The list is in the documents.", ()),
    ("general", "lars", "The spend forum has ten customer seats left. Invite those that fit, first come first served.", (("katja", "I take three."),)),
    ("general", "indira", "The discount policy has a new version. What changed is on top.", ()),
    ("deal-desk", "indira", "Answers take a day this week, we are one person short. Please do not send it twice.", ()),
)  # fmt: skip

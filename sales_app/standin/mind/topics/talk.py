"""What needs no look-up."""

from sales_app.standin.mind import writing
from sales_app.standin.mind.steps import Answer, Call, Situation

CAN_DO = """- **accounts**: "Which customers in Germany are at risk?", "Tell me about *a name*"
- **deals**: "Which deals close this month?", "Pipeline by stage", "Deals over 50k in negotiation"
- **people**: "Who are the contacts at *a name*?", "Champions I have not contacted for 30 days"
- **what happened**: "Recent activities of *a name*", "Notes that mention *a word*"
- **your day**: "What is on my calendar today?", "My open tasks", "Who should I call?"
- **several accounts at once**: "Research *a name* and *a name*: what happened lately?"
- **doing** (I ask you before a mail leaves): "Log a call with *a name*: *what was said*", "Move *a deal* to negotiation", "Email *a name* that …\""""


NOTE = "I am the stand-in model: I answer from your records by rules, until a key for Claude is set."


def about_greeting(situation: Situation) -> "list[Call] | Answer":
    first = situation.conversation.user.split(" ")[0]
    hello = f"Hello {writing.plain(first)}." if first and "@" not in first else "Hello."
    return Answer(f"{hello} {NOTE} You can ask about:\n\n{CAN_DO}")


def about_thanks(situation: Situation) -> "list[Call] | Answer":
    return Answer("You are welcome. Ask when you need the next thing.")


def about_help(situation: Situation) -> "list[Call] | Answer":
    return Answer(
        f"{NOTE} I read and change what you may, and ask before I write to anybody outside. You can ask about:\n\n{CAN_DO}"
    )

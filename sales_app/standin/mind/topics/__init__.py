"""What is looked up for each topic, and what is said about it. Every number comes from a tool result."""

from collections.abc import Callable

from sales_app.standin.mind.following import wish_in
from sales_app.standin.mind.reading import read
from sales_app.standin.mind.refusing import is_off_topic, refused
from sales_app.standin.mind.steps import Answer, Call, Situation
from sales_app.standin.mind.topic import topic_of
from sales_app.standin.mind.topics.accounts import about_accounts
from sales_app.standin.mind.topics.acting import about_acting
from sales_app.standin.mind.topics.contacts import about_contacts
from sales_app.standin.mind.topics.day import about_calendar, about_priorities, about_tasks
from sales_app.standin.mind.topics.deals import about_deals, about_summary
from sales_app.standin.mind.topics.happened import about_activities, about_quiet
from sales_app.standin.mind.topics.record import about_preparing, about_record
from sales_app.standin.mind.topics.research import about_research, research_in
from sales_app.standin.mind.topics.talk import CAN_DO, about_greeting, about_help, about_thanks

OFF_TOPIC = "I could not read that as a question about your records, and as the stand-in model I know nothing else. You can ask about:"


def answer(situation: Situation) -> "list[Call] | Answer":
    wish = wish_in(situation.conversation)
    if wish is not None:
        return about_acting(situation, wish)
    several = research_in(situation.conversation.open.question)
    if several is not None:
        return about_research(situation, *several)
    if said := refused(situation.conversation.open.question):
        return Answer(said)
    if is_off_topic(read(situation.conversation.open.question, situation.conversation.today)):
        return Answer(f"{OFF_TOPIC}\n\n{CAN_DO}")
    topic = topic_of(situation.reading)
    if topic is None:
        return Answer(
            "I could not read that question. As the stand-in model I know these kinds:\n\n"
            f"{CAN_DO}\n\nPut it in such words, and name the account or deal as it is written there."
        )
    return TOPICS[topic](situation)


TOPICS: dict[str, Callable[[Situation], "list[Call] | Answer"]] = {
    "greeting": about_greeting,
    "thanks": about_thanks,
    "help": about_help,
    "record": about_record,
    "preparing": about_preparing,
    "accounts": about_accounts,
    "contacts": about_contacts,
    "deals": about_deals,
    "summary": about_summary,
    "activities": about_activities,
    "quiet": about_quiet,
    "tasks": about_tasks,
    "calendar": about_calendar,
    "priorities": about_priorities,
}

"""What the demo company's people wrote down. The copilot reads it, so it reads like real notes: what was said,
by whom, what stands in the way, and sometimes a record that no longer matches its own notes.

Fields in braces are filled by the generator. ``[Q+1]``, ``[Q+2]`` and ``[Y+1]`` become the next quarters and
year as seen from the day of loading, so that "on hold until Q2" stays true.
"""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, kw_only=True)
class Beat:
    kind: str
    subject: str
    bodies: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Twist:
    """Where an open deal stands: the last thing noted, and what the record says comes next."""

    name: str
    weight: int
    stages: tuple[str, ...]
    beat: Beat
    next_steps: tuple[str, ...]
    competitor: bool = False
    probability: int | None = None  # where it differs from the stage's usual one


OPENING: Final = {
    "prospecting": (
        Beat(
            kind="email",
            subject="Introduction to {account}",
            bodies=(
                "Wrote to {champion} ({champion_title}) after they downloaded the purchasing benchmark. "
                "Mentioned that companies of their size usually find {pain_short}. Asked for 20 minutes.",
                "{champion} answered an outbound sequence: they run purchasing on {tool} and are open to a "
                "first call, but not before their month-end close.",
                "Referred by a partner. {champion} ({champion_title}) owns purchasing; {buyer} holds the budget. "
                "Sent the two-page overview and three times for a call.",
            ),
        ),
    ),
    "discovery": (
        Beat(
            kind="call",
            subject="Discovery with {champion}",
            bodies=(
                "Today they use {tool}. Main pain: {pain}. About {seats} people would raise or approve requests. "
                "{buyer} ({buyer_title}) decides; {champion} writes the recommendation. "
                "Must have: {need}. No fixed deadline yet.",
                "{champion} walked me through the current process on {tool}. What hurts: {pain}. "
                "They tried to fix it themselves last year and gave up. {seats} users in the first step. "
                "Asked twice about {need}. {buyer} joins the next call.",
                "Good energy. Problem in their words: {pain}. {champion} wants it solved before the auditors "
                "come back. Hard requirement: {need}. Budget is with {buyer}, not confirmed.",
            ),
        ),
        Beat(
            kind="email",
            subject="Summary of our call, and next steps",
            bodies=(
                "Sent {champion} what I understood: {pain}; {seats} users; {need} is a must. "
                "Asked them to correct me and to bring {buyer} to the demo.",
                "Recap to {champion}: current state ({tool}), goal (close faster, no purchase without order), "
                "open question: {need}. They confirmed within the hour.",
            ),
        ),
    ),
    "evaluation": (
        Beat(
            kind="meeting",
            subject="Demo for {account}",
            bodies=(
                "Showed request, approval on the phone, and budget view to {champion}, {buyer} and two people "
                "from accounts payable. Budget view landed best. {buyer} asked how long rollout takes; "
                "said four to six weeks for {seats} users. Open point: {need}.",
                "Demo on their own data (40 invoices they sent). {champion} found a duplicate payment live, which "
                "helped. {buyer} was quiet and asked about price only. Need an answer on {need}.",
                "Technical session. Their IT asked about {need}, audit log and data export. All fine except "
                "that they want it in writing.",
            ),
        ),
        Beat(
            kind="email",
            subject="Answers to the open questions",
            bodies=(
                "Answered the list from {champion}: hosting region, roles, export, {need}. "
                "Promised a reference of similar size.",
                "Sent the reference call notes and the rollout plan. {champion} forwarded both to {buyer}.",
            ),
        ),
    ),
    "proposal": (
        Beat(
            kind="email",
            subject="Proposal for {seats} users",
            bodies=(
                "Sent the proposal: {amount} a year for {seats} users, annual, rollout included. "
                "Valid for 30 days. {champion} presents it to {buyer}.",
                "Proposal is out at {amount}. Offered a three-year option at {discount}% less. "
                "{buyer} wants to compare with doing nothing.",
            ),
        ),
    ),
    "negotiation": (
        Beat(
            kind="call",
            subject="Commercials with {buyer}",
            bodies=(
                "{buyer} accepts scope and price of {amount} in principle. Open: payment terms (they want "
                "60 days) and the start date. {champion} keeps pushing internally.",
                "Went through the order form line by line with {buyer}. They want {discount}% for a longer term "
                "and a cap on the yearly increase. Procurement takes over from here.",
            ),
        ),
    ),
}

TWISTS: Final = (
    Twist(
        name="on hold for budget",
        weight=9,
        stages=("discovery", "evaluation", "proposal", "negotiation"),
        beat=Beat(
            kind="call",
            subject="On hold until [Q+1] budget",
            bodies=(
                "{champion} called: the project is on hold until the [Q+1] budget is approved. This is not a "
                "decision by [Q+1]; they can only start talking about a contract once the budget is there. "
                "{champion} still wants it and asks us to keep the offer open.",
                "{buyer} froze all new software until [Q+1] budget. {champion} was embarrassed and said the need "
                "is unchanged ({pain}). No point in pushing; check in when the new quarter has begun.",
                "Hiring and spending freeze. {buyer} puts us on the list for the [Q+1] budget round at {amount}, "
                "no promise. Earliest signature is [Q+2].",
            ),
        ),
        next_steps=("Check in when the [Q+1] budget is out", "Get decision by [Q+1]", ""),
        probability=20,
    ),
    Twist(
        name="cheaper competitor",
        weight=12,
        stages=("evaluation", "proposal", "negotiation"),
        beat=Beat(
            kind="call",
            subject="{competitor} is {discount}% cheaper",
            bodies=(
                "{buyer} has an offer from {competitor} that is {discount}% below ours for the same {seats} users. "
                "{champion} prefers us because of approval on the phone, but needs an argument for {buyer}. "
                'Objection in their words: "Why pay more for the same workflow?"',
                "They ran a trial with {competitor} last week. Liked: quick setup, price. Disliked: no {need}. "
                "{buyer} asked us to come within 10% of that price.",
                "{champion} told me in confidence that {competitor} offered a free first quarter. "
                "We will not match; agreed to show the cost of late invoices instead ({pain}).",
            ),
        ),
        next_steps=("Send comparison with {competitor}", "Value review with {buyer} against {competitor}"),
        competitor=True,
    ),
    Twist(
        name="competitor incumbent",
        weight=8,
        stages=("prospecting", "discovery", "evaluation"),
        beat=Beat(
            kind="note",
            subject="{competitor} contract runs until [Q+2]",
            bodies=(
                "They are with {competitor} and not happy: support answers after days, and {pain}. The contract "
                "ends in [Q+2] with three months' notice, so the decision has to fall before. "
                "{champion} sends us the list of what they miss; first on it is {need}.",
                "{champion} uses {competitor} in one division only. Head office never adopted it. If we can show "
                "{need}, they would replace it everywhere.",
            ),
        ),
        next_steps=("Get the notice date of the {competitor} contract", "Workshop: replacing {competitor}"),
        competitor=True,
    ),
    Twist(
        name="security review",
        weight=9,
        stages=("evaluation", "proposal", "negotiation"),
        beat=Beat(
            kind="email",
            subject="Security questionnaire",
            bodies=(
                "Their security team sent 140 questions and wants the last penetration test, the list of "
                "subprocessors and proof that data stays in the region. {champion} says nothing moves before "
                "this is done. They meet every second Thursday.",
                "IT asks for {need} before they sign off. Without it security will not approve, whatever {buyer} "
                "says. Sent our standard pack; three questions go to our security people.",
            ),
        ),
        next_steps=("Return the security questionnaire", "Call between the two security teams"),
    ),
    Twist(
        name="champion leaves",
        weight=6,
        stages=("discovery", "evaluation", "proposal"),
        beat=Beat(
            kind="call",
            subject="{champion} is leaving",
            bodies=(
                "{champion} leaves at the end of the month. No successor named. {buyer} knows of us only from "
                "one slide. Without a new sponsor this is gone; asked {champion} for an introduction before "
                "the last day.",
                "Learnt by chance that {champion} changes to another department. The project goes to somebody who "
                'starts in six weeks. {buyer} says "let us not lose momentum" but has no time.',
            ),
        ),
        next_steps=("Meeting with {buyer} before {champion} leaves", "Find a new sponsor"),
        probability=25,
    ),
    Twist(
        name="legal",
        weight=8,
        stages=("negotiation",),
        beat=Beat(
            kind="email",
            subject="Redlines from their legal department",
            bodies=(
                "Redlines are back: liability capped at 24 months of fees instead of 12, termination for "
                "convenience after year one, and their own data processing annex. The first we can do, the "
                "second needs deal desk, the third goes to our legal.",
                "Their counsel insists on local law and on notice of 90 days before any price change. {buyer} is "
                "impatient with their own lawyers and wants to sign this month.",
            ),
        ),
        next_steps=("Deal desk: termination for convenience", "Call between the lawyers"),
    ),
    Twist(
        name="discount beyond my limit",
        weight=8,
        stages=("proposal", "negotiation"),
        beat=Beat(
            kind="call",
            subject="{buyer} asks for {discount}% discount",
            bodies=(
                "{buyer} signs this month with {discount}% off for a three-year term. That is above what I may "
                "give. In return they offer a reference and payment up front.",
                "Price talk. {buyer} started at {discount}% off, I offered free rollout instead. "
                "They will accept a smaller first step: two thirds of the users now, the rest in [Y+1].",
            ),
        ),
        next_steps=("Deal desk approval for {discount}%", "Revised offer in two steps"),
    ),
    Twist(
        name="integration",
        weight=7,
        stages=("discovery", "evaluation", "proposal"),
        beat=Beat(
            kind="meeting",
            subject="Integration workshop",
            bodies=(
                "Two hours on {need}. Our connector covers about 80%; the rest is a custom field per site. "
                "Their IT estimates eight days of work and has nobody free before [Q+1]. "
                "{champion} asks whether we can do it.",
                "Their ERP is being replaced next year, so they hesitate to connect anything now. Suggested to "
                "start with file exchange. {champion} likes it, IT does not.",
            ),
        ),
        next_steps=("Scope the connector with solutions engineering", "Offer file exchange as a first step"),
    ),
    Twist(
        name="going well",
        weight=14,
        stages=("proposal", "negotiation"),
        beat=Beat(
            kind="call",
            subject="Verbal yes from {buyer}",
            bodies=(
                "{buyer} confirmed {amount} and the start date. Purchase order is being raised; {champion} chases "
                "it. Only risk: {buyer} is away for a week, so the deputy has to sign.",
                'Reference call went very well. {buyer}: "Send me the final order form." '
                "Onboarding should start in the second week after signature with {seats} users.",
            ),
        ),
        next_steps=(
            "Purchase order from {champion}",
            "Countersign the order form",
            "Kick-off date with {champion}",
        ),
        probability=90,
    ),
    Twist(
        name="silent",
        weight=11,
        stages=("prospecting", "discovery", "evaluation", "proposal"),
        beat=Beat(
            kind="email",
            subject="Following up again",
            bodies=(
                "Third message to {champion} without an answer. Last sign of life was the opened proposal mail. "
                "Tried {buyer} through the switchboard: voicemail.",
                "No reply since the last meeting. {champion} read the summary twice, says the tracker, "
                "but does not answer. Will try one more time with a short question.",
            ),
        ),
        next_steps=("", "Call {champion}", "Break-up email"),
        probability=10,
    ),
    Twist(
        name="pilot",
        weight=8,
        stages=("evaluation", "proposal"),
        beat=Beat(
            kind="meeting",
            subject="Pilot: halfway review",
            bodies=(
                "Pilot with 25 users at one site. Approval time down from nine days to two. Complaint: "
                "notifications are too many. Success means 80% of requests through the tool by the end; they are "
                "at 64%. {champion} is confident, {buyer} wants to see the numbers.",
                "Pilot agreed for six weeks, free. Criteria in writing: {need} works, 80% adoption, no late "
                "invoice. {buyer} signs {amount} if all three hold.",
            ),
        ),
        next_steps=("Final review of the pilot with {buyer}", "Fix notification settings with {champion}"),
    ),
    Twist(
        name="first interest",
        weight=14,
        stages=("prospecting", "discovery"),
        beat=Beat(
            kind="call",
            subject="Short call with {champion}",
            bodies=(
                "Ten minutes between two of their meetings. {champion} confirmed the problem ({pain}) but has no "
                "mandate yet. Wants a one-page business case for {buyer}. Asked who else in {industry} uses us.",
                "{champion} compares three vendors, {competitor} among them. Decision maker is {buyer}. "
                "They want prices early; said I would first need the number of users.",
            ),
        ),
        next_steps=("One-page business case for {buyer}", "Discovery call with {buyer}"),
    ),
)

WON: Final = (
    Beat(
        kind="note",
        subject="Signed",
        bodies=(
            "Signed at {amount} for {seats} users. What decided it: {pain}, and that {champion} had the numbers "
            "ready. Handed over to onboarding; promised {need} in the first month.",
            "Closed. {competitor} was cheaper, but {buyer} trusted the rollout plan. "
            "Promise to keep: quarterly review with {buyer} in person.",
        ),
    ),
)
LOST: Final = (
    (
        "Price",
        True,
        Beat(
            kind="call",
            subject="Lost to {competitor}",
            bodies=(
                '{buyer} went with {competitor}: {discount}% cheaper and "good enough". {champion} is '
                "disappointed and thinks they will be back in a year. Contract there is for 12 months.",
            ),
        ),
    ),
    (
        "No decision",
        False,
        Beat(
            kind="email",
            subject="They stay with what they have",
            bodies=(
                "{champion} wrote that they keep {tool} for now. No competitor involved; nobody wanted to own the "
                "change. Suggested to talk again in two quarters.",
            ),
        ),
    ),
    (
        "Budget cut",
        False,
        Beat(
            kind="call",
            subject="Budget is gone",
            bodies=(
                "{buyer} lost the budget in the mid-year review. Not about us. {champion} asked to be called when "
                "the next planning starts.",
            ),
        ),
    ),
    (
        "Missing feature",
        True,
        Beat(
            kind="note",
            subject="Lost on one requirement",
            bodies=(
                "They needed {need} at the start and could not wait. {competitor} has it. "
                "Everything else was in our favour. Told product.",
            ),
        ),
    ),
)

CUSTOMER: Final = (
    Beat(
        kind="meeting",
        subject="Quarterly review",
        bodies=(
            "Usage is up a fifth, mostly from the second site. {champion} praised support. {buyer} asked what the "
            "renewal will cost and mentioned {competitor} in passing. Wishes: {need}.",
            "Walked through savings with {buyer}: late invoices are almost gone. {champion} would speak as a "
            "reference. They think of adding a team of 20 in [Q+1].",
        ),
    ),
    Beat(
        kind="call",
        subject="Complaint about support",
        bodies=(
            '{champion} was angry: a ticket about failing exports has been open for eleven days. "If month-end '
            'breaks again, I cannot defend the renewal." Escalated; promised an answer by tomorrow.',
            "{champion} reports that approvals hang on phones since the update. Two sites fell back to {tool}. "
            "Needs a call from engineering.",
        ),
    ),
    Beat(
        kind="note",
        subject="Usage is falling",
        bodies=(
            "Active users fell by a third in six weeks. {champion} says a reorganisation moved purchasing to "
            "another department. Nobody there was trained. Offer a session before the renewal talk.",
        ),
    ),
    Beat(
        kind="email",
        subject="Renewal",
        bodies=(
            "Sent the renewal terms to {buyer}: same price, twelve months. {champion} says they want a smaller "
            "plan for the summer. No answer from {buyer} yet.",
            "{buyer} asks for a two-year renewal with the price held. Easy yes if they commit before [Q+1].",
        ),
    ),
    Beat(
        kind="call",
        subject="Check-in with {champion}",
        bodies=(
            "All quiet. They use requests and approvals, not budgets. Offered a short training; {champion} picks "
            "a date. A sister company may be interested.",
            "{champion} has a new boss, {buyer}, who comes from a company that used {competitor}. "
            "Asked for a fresh introduction before opinions are formed.",
        ),
    ),
)
OUTREACH: Final = (
    Beat(
        kind="email",
        subject="First message to {account}",
        bodies=(
            "Sent the short intro to {champion}, with the note about {industry}. No answer yet.",
            '{champion} answered: "Not now, ask me again in [Q+1]." They use {tool}.',
        ),
    ),
    Beat(
        kind="call",
        subject="Call to {champion}",
        bodies=(
            "Voicemail. Left a message about {pain_short}.",
            "Reached {champion}: friendly, no project. They buy for {seats} people and do it on {tool}. "
            "{competitor} called them last month too.",
            "Gatekeeper would not put me through. Name of the person who decides: {buyer}.",
        ),
    ),
)

# Internal meetings: subject, weekday (0 is Monday) or None for every day, local time, minutes, text, for roles.
INTERNAL: Final = (
    ("Stand-up", None, "09:00", 15, "What happened, what is next, where help is needed.", ("rep", "bdr")),
    (
        "Pipeline review",
        0,
        "10:00",
        45,
        "Every deal that closes this month: next step, risk, help.",
        ("rep", "manager"),
    ),
    ("Forecast call", 3, "15:00", 45, "Commit, best case, what changed since last week.", ("rep", "manager")),
    ("Deal desk hour", 2, "14:00", 60, "Open hour for discounts and unusual terms.", ("manager",)),
    (
        "One-to-one",
        1,
        "16:00",
        30,
        "Own topics first. Then two deals and one thing to learn.",
        ("rep", "bdr"),
    ),
    ("Lead hand-over", 4, "11:00", 30, "BDRs hand qualified leads to account executives.", ("rep", "bdr")),
)

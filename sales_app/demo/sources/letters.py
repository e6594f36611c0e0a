"""What is in the demo company's mailboxes: letters by situation. ``[W+2]`` is the weekday two working days after the letter."""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, kw_only=True)
class Letter:
    """``by``: C the champion, B the buyer. ``answer`` is what the rep wrote back, where it was answered."""

    by: str
    subject: str
    body: str
    answer: str = ""


# By the beat that was told last.
OF_DEALS: Final[dict[str, tuple[Letter, ...]]] = {
    "On hold until [Q+1] budget": (
        Letter(
            by="C",
            subject="Keeping the offer open",
            body="Hello {rep},\n\nas I said on the phone we are on hold until the [Q+1] budget is approved. There is no decision in "
            "[Q+1], so please do not plan with one.\n\nCan you confirm that the offer of {amount} stays open until then? "
            "{buyer_full} wants that in writing before the budget paper goes out.\n\nBest regards\n{champ}",
            answer="Hello {champ},\n\nyes: the offer of {amount} stays as it is until the [Q+1] budget is approved. No answer needed "
            "before that.\n\n{rep}",
        ),
        Letter(
            by="B",
            subject="Budget round",
            body="{rep},\n\nfor the [Q+1] budget round I need one page: what the problem costs us today, not what your product does. "
            "Could I have it by [W+4]? It is no promise, we remain on hold.\n\n{buyer_full}",
            answer="{buyer},\n\nyou have the page by [W+2]. I shall use only the numbers that {champ} gave me.\n\n{rep}",
        ),
    ),
    "{competitor} is {discount}% cheaper": (
        Letter(
            by="B",
            subject="Comparison with {competitor}",
            body="Dear {rep},\n\nI have the offer of {competitor} here, {discount}% below yours for {seats} users. Please send me a "
            "comparison that I can put in front of the board: scope, price, and what is missing on either side. "
            "The board's papers close on [W+3].\n\nRegards\n{buyer_full}",
            answer="Dear {buyer},\n\nthe comparison comes on [W+2], including where {competitor} is ahead of us.\n\n{rep}",
        ),
        Letter(
            by="C",
            subject="Quick one before I talk to {buyer}",
            body="Hi {rep},\n\n{buyer} asked me again why we should pay {discount}% more than at {competitor}. Do you have the number for "
            "the late invoices somewhere? And does {competitor} really not have {need_bare}?\n\nThanks\n{champ}",
            answer="Hi {champ},\n\nboth attached: the calculation that we made together, and what {competitor} says about it on its own "
            "pages.\n\n{rep}",
        ),
    ),
    "{competitor} contract runs until [Q+2]": (
        Letter(
            by="C",
            subject="Notice period",
            body="Hi {rep},\n\nour contract with {competitor} ends in [Q+2], the notice has to be in three months before. "
            "What would you need from us, and by when, so that {seats} people could start right after? "
            "{need_we_cap} would have to be there on the first day.\n\n{champ}",
            answer="Hi {champ},\n\nthank you. Counted back from [Q+2], here is the plan with four dates.\n\n{rep}",
        ),
    ),
    "Security questionnaire": (
        Letter(
            by="C",
            subject="Security: three answers missing",
            body="Hello {rep},\n\nour security people have gone through your answers. Three are open: who has access to backups, how long "
            "logs are kept, and the list of subprocessors. Their next meeting is on [W+3], and without the answers we are not "
            "on the agenda.\n\nCan you get them to me before that?\n\n{champ}",
            answer="Hello {champ},\n\nall three answers are below, with the name of our colleague who signed them off.\n\n{rep}",
        ),
        Letter(
            by="C",
            subject="Penetration test",
            body="Hi {rep},\n\nIT asks for the summary of the last penetration test, not the full report. Is there one that you may "
            "share? And would somebody of your security team take a call of half an hour?\n\nThanks, {champ}",
            answer="Hi {champ},\n\nthe summary is attached. For the call I propose [W+2] at ten or at three.\n\n{rep}",
        ),
    ),
    "{champion} is leaving": (
        Letter(
            by="C",
            subject="Introduction to {buyer_full}",
            body="Hi {rep},\n\nI have fifteen minutes with {buyer_full} on [W+4], and I could take you along. Could you send me two "
            "sentences beforehand on why this should go on after me? My last day is close.\n\n{champ}",
            answer="Hi {champ},\n\nthank you, that is worth a lot. The two sentences are below; change them as you like.\n\n{rep}",
        ),
    ),
    "Redlines from their legal department": (
        Letter(
            by="B",
            subject="Clause 9 and notice period",
            body="Dear {rep},\n\nour counsel has two points left: liability at 24 months of fees, and 90 days of notice before any change "
            "of prices. I would like to sign this month and have no wish to wait for lawyers. What is your position?\n\n"
            "Regards\n{buyer_full}",
            answer="Dear {buyer},\n\nthe notice period is no problem. On liability our legal people come back to you by [W+1].\n\n{rep}",
        ),
        Letter(
            by="C",
            subject="Data processing annex",
            body="Hi {rep},\n\nlegal insists on our own annex on data processing, attached once more. Did your lawyers get it the first "
            "time? We have heard nothing for a week.\n\n{champ}",
            answer="Hi {champ},\n\nthey have it, and two remarks. Could your counsel call ours on [W+1]?\n\n{rep}",
        ),
    ),
    "{buyer} asks for {discount}% discount": (
        Letter(
            by="B",
            subject="Where are we on the {discount}%?",
            body="{rep},\n\nI offered three years, payment up front and a reference for {discount}%. You wanted to ask. What is the answer? "
            "If I have it by [W+2] this can still be signed this month.\n\n{buyer_full}",
            answer="{buyer},\n\nit is with our deal desk. I call you on [W+1] with a yes, a no or a condition.\n\n{rep}",
        ),
        Letter(
            by="C",
            subject="The offer in two steps",
            body="Hi {rep},\n\nthe idea with two thirds of the users now and the others in [Y+1] went down well. Can you send it as an "
            "offer, with both totals? {buyer} is in the office until [W+3].\n\n{champ}",
            answer="Hi {champ},\n\nattached, with both totals on the first page.\n\n{rep}",
        ),
    ),
    "Integration workshop": (
        Letter(
            by="C",
            subject="Who does the eight days?",
            body="Hello {rep},\n\nafter the workshop one question is left, and everybody asks me: would your people do the part of the "
            "connector that is missing, and what would it cost? Our IT has nobody before [Q+1].\n\n{champ}",
            answer="Hello {champ},\n\nour solutions engineers say yes, six to eight days. The offer for it comes by [W+2].\n\n{rep}",
        ),
        Letter(
            by="C",
            subject="Sample file",
            body="Hi {rep},\n\nIT would look at the file exchange if they had a sample. Orders out, cost centres in, you said. Could you "
            "send one with twenty lines or so?\n\nThanks\n{champ}",
            answer="Hi {champ},\n\nhere is one with 25 lines, and the description of each column.\n\n{rep}",
        ),
    ),
    "Verbal yes from {buyer}": (
        Letter(
            by="C",
            subject="Order form: two details",
            body="Hi {rep},\n\nthe purchase order is nearly through. Our clerk needs your VAT number and the name of your bank on the "
            "order form. Can you send it again with both? {buyer} is away from next Monday.\n\n{champ}",
            answer="Hi {champ},\n\nthe order form with both is attached. Thank you for chasing it.\n\n{rep}",
        ),
        Letter(
            by="B",
            subject="Kick-off",
            body="Dear {rep},\n\nplease propose two days for the kick-off in the second week after signature, and tell me who comes from "
            "your side. I want all {seats} users to hear of it before that.\n\n{buyer_full}",
            answer="Dear {buyer},\n\ntwo days and three names are below.\n\n{rep}",
        ),
    ),
    "Pilot: halfway review": (
        Letter(
            by="C",
            subject="Notifications again",
            body="Hi {rep},\n\nthe digest helps, but two of the site managers still get every single mail. If they stop using it we do "
            "not reach the eighty percent. Can somebody look at it before [W+2]?\n\n{champ}",
            answer="Hi {champ},\n\nfixed for both of them an hour ago, with my apologies.\n\n{rep}",
        ),
    ),
    "Short call with {champion}": (
        Letter(
            by="C",
            subject="The one page",
            body="Hi {rep},\n\nyou promised me a page for {buyer_full}, without adjectives. I would need it by [W+3]. The three numbers: "
            "we have about {seats} people who buy, invoices are touched by four of them, and {pain}.\n\n{champ}",
            answer="Hi {champ},\n\nthe page is attached. One adjective has survived, in line four.\n\n{rep}",
        ),
    ),
    "Following up again": (
        Letter(
            by="C",
            subject="Sorry for the silence",
            body="Hello {rep},\n\nsorry, we had the auditors in the house and then half the team was ill. Is your proposal of {amount} still "
            "valid? If so I would take it up again with {buyer}.\n\n{champ}",
            answer="Hello {champ},\n\nit is. I have put a new date on it and attached it.\n\n{rep}",
        ),
    ),
}

ANY_DEAL: Final = (
    Letter(
        by="C",
        subject="Could we move our meeting?",
        body="Hi {rep},\n\nour plant manager wants to be there as well and cannot make it. Would [W+4] at the same time work for you?\n\n{champ}",
        answer="Hi {champ},\n\n[W+4] works, I have moved it.\n\n{rep}",
    ),
    Letter(
        by="C",
        subject="Reference in {industry}",
        body="Hello {rep},\n\n{buyer} asks whether we could talk to a customer of our size in {industry}. Half an hour would do. Do you have "
        "somebody?\n\n{champ}",
        answer="Hello {champ},\n\nI have asked one of them and send you a name by [W+2].\n\n{rep}",
    ),
)

THANKS: Final = (
    Letter(
        by="C",
        subject="Thank you",
        body="Hi {rep},\n\nthank you for the call, that was helpful. I pass it on to {buyer} and come back to you. Nothing to do for you "
        "at the moment.\n\n{champ}",
    ),
    Letter(
        by="C",
        subject="Received",
        body="Hello {rep},\n\ngot it, all complete. We will look at it in our round and let you know.\n\nBest\n{champ}",
    ),
)
AWAY: Final = (
    Letter(
        by="C",
        subject="Automatic reply: Your message",
        body="I am out of office and read no mail until next week. In urgent cases please write to {buyer_full}.\n\n{champ}",
    ),
)

OF_CUSTOMERS: Final = (
    Letter(
        by="C",
        subject="The export ticket, day eleven",
        body="{rep},\n\nthe ticket about the exports is still open. Month-end is on [W+4]. Who is looking at it, and when is it solved? If "
        "it breaks again I cannot defend the renewal.\n\n{champ}",
        answer="{champ},\n\nour head of support has taken it over herself and calls you today.\n\n{rep}",
    ),
    Letter(
        by="B",
        subject="What will the renewal cost?",
        body="Dear {rep},\n\nwe are making the budget for [Y+1]. What will the renewal cost for {seats} users, and what would it be for two "
        "years with the price held?\n\nRegards\n{buyer_full}",
        answer="Dear {buyer},\n\nboth numbers are attached, for one and for two years.\n\n{rep}",
    ),
    Letter(
        by="C",
        subject="Twenty more users",
        body="Hi {rep},\n\nthe second site would like to come in, about twenty people. Could you send me a price for that, for the rest of "
        "the year?\n\n{champ}",
        answer="Hi {champ},\n\nwith pleasure, the offer is attached.\n\n{rep}",
    ),
    Letter(
        by="C",
        subject="Invoice with the old address",
        body="Hello {rep},\n\nour accounts department sent the last invoice back: it still has the old address on it. Can you have it "
        "corrected? They will not pay before that.\n\n{champ}",
        answer="Hello {champ},\n\nthe corrected invoice is on its way. Sorry for that.\n\n{rep}",
    ),
)

OF_PROSPECTS: Final = (
    Letter(
        by="C",
        subject="Re: purchasing at {account}",
        body="Hi {rep},\n\nyour mail came at a good moment. We run it on {tool_we} and I am tired of it. Could we talk next week, and could "
        "you tell me beforehand what it costs for about {seats} people?\n\n{champ}",
        answer="Hi {champ},\n\ngladly: [W+3] at two? For that number I can give you a range then.\n\n{rep}",
    ),
    Letter(
        by="C",
        subject="Who is the right person?",
        body="Hello,\n\nI am not the one who decides this, that would be {buyer_full}. What should I tell them it is about?\n\n{champ}",
        answer="Hello {champ},\n\nin one sentence: fewer late invoices, without a project. Thank you for passing it on.\n\n{rep}",
    ),
    Letter(
        by="C",
        subject="Re: benchmark",
        body="Hello {rep},\n\nthank you for the benchmark. Is there a version for {industry}? And do you work with companies as small as "
        "ours?\n\n{champ}",
        answer="Hello {champ},\n\nthere is, attached. And yes, about half of our customers are of your size.\n\n{rep}",
    ),
)

# From, address, subject, text. Nobody waits for an answer.
NEWSLETTERS: Final = (
    (
        "Procurement Weekly",
        "newsletter@procurement-weekly.example",
        "Five numbers on late invoices",
        "This week: why a third of invoices is late, what auditors look at first, and a long read on tail spend.\n\n"
        "You get this because you signed up. Unsubscribe at the bottom of any issue.",
    ),
    (
        "Selling Notes",
        "news@selling-notes.example",
        "The question that nobody asks",
        "What it costs to do nothing: a short essay, and three calls in which it was asked too late.\n\nUnsubscribe here.",
    ),
    (
        "Spend Forum",
        "events@spend-forum.example",
        "Programme is out",
        "Two days, forty talks, no keynotes longer than twenty minutes. Early tickets end soon.\n\n"
        "Not interested? Unsubscribe with one click.",
    ),
    (
        "Clewline travel",
        "no-reply@travel.clewline.example",
        "Your expense report was approved",
        "Your report of last week was approved and is paid out with the next salary. This mail was sent automatically.",
    ),
)

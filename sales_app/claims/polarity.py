"""Whether two sentences say the same thing of the world: yes or no, certain or maybe, up or down."""

import re
from dataclasses import dataclass

from sales_app.claims.words import folded, stem, words

_NOT = re.compile(
    r"\b(?:not|never|no longer|no|none|nobody|nothing|neither|nor|cannot|unable|fail(?:s|ed)?|refus(?:es|ed) to|declin(?:es|ed) to|\w+n't|lacks?|lacking|yet to|stopped short of|silent|inactive|idle|unavailable|rather than|instead of|dis(?:lik|agre|approv|allow)\w+|un(?!der|it)(?:\w{2,}ed|paid|sent)(?=\s*(?:$|[^\w\s]|(?:at|in|by|for|since|and|so|to|on|from|yet|until|with)\b)))\b"
)
# "not only", "no doubt" and names of fields deny nothing.
_NOT_A_DENIAL = re.compile(
    r"\b(?:not only|no doubt|no later than|not (?:before|earlier|later|sooner)|(?:not|\w+n't)\b(?=[^,;.]*\bbefore\b)|no\. ?\d+|not least|if (?:nothing|nobody|none|no|not))\b"
)
_MAYBE = re.compile(
    r"\b(?:may|might|could|perhaps|maybe|possibly|potentially|likely|unlikely|probably|considers?|considered|considering|thinks? about|thinking about|looking at|looks? at|"
    r"explor(?:es|ed|ing)|unsure|not sure|depends?|depending|if|whether|hopes?|hoping|hoped|would like|wants?|wanted|wishes|plans? to|planning to|planned to|intends?|intended|expects?|expected|asked|asks|asking|"
    r"proposed|proposes|suggested|suggests|tentative(?:ly)?|pending|draft|estimated?|roughly|subject to|as long as|aims?|aimed|should|"
    r"discuss(?:ed|ing)?|evaluat(?:es|ed|ing)|interested|would|leans?|leaning|(?<!no )doubts?|doubted|guess(?:es|ed)?|wait(?:s|ed|ing)? for|awaits?|awaiting|in principle|unless|assum(?:es|ing)|provided|once)\b"
)
# Whoever is not sure, or doubts, denies nothing and asserts nothing.
_IF = re.compile(
    r"\b(?:as long as|unless|provided that)\b[^,;]*|\bif(?: [\w'-]+){1,8},(?![\"”])"
)  # "if nobody objects," is a condition, no denial
_OPEN = re.compile(
    r"\b(?<!no )doubt(?:s|ed)?\b|\b(?:not|\w+n't) (?:yet |been |really |fully )*(?:believe|think|convinced|sure|certain|decided|settled|clear|final)\b"
)
_CERTAIN = re.compile(
    r"\b(?:will|has|have|had|is|are|was|were|did|confirmed|confirms|agreed|agrees|decided|decides|committed|commits|signed|signs|approved|approves|promised|promises|guaranteed|guarantees|"
    r"chose|chosen|selected|bought|purchased|accepted|accepts|finali[sz]ed|closed|secured|going to)\b"
)

_BARELY = re.compile(r"\b(?:may|might|could|perhaps|maybe|possibly|potentially|likely|probably)\b")
_WILL = re.compile(r"\b(?:will|shall|going to|planned)\b")
_IS = re.compile(r"\b(?:is|are|was|were|has|have)\b")
_SAID = re.compile(
    r"\b(?:said|says|say|told|tells|wrote|writes|written|asked|asks|called|mentioned|warned|according|reported|announced|promised|as of)\b"
)
# What commits somebody; nobody may be said to have done it unless a source tells of it.
_COMMITS = re.compile(r"\b(?:agreed|decided|approved|accepted|confirmed|committed|promised|guaranteed)\b")
_COMMITMENT = re.compile(r"\b(?:agree|decid|approv|accept|confirm|commit|promis|guarante|yes|sign)")

# Groups of words that cannot both be true of the same thing.
_OPPOSITES: tuple[tuple[frozenset[str], frozenset[str]], ...] = tuple(
    (frozenset(map(stem, one.split())), frozenset(map(stem, other.split())))
    for one, other in (
        (
            "increase increased grew growth rose raised up higher gained more doubled expanded",
            "decrease decreased shrank shrink fell dropped down lower reduced fewer less cut declined halved",
        ),
        ("won", "lost"),
        (
            "accept accepted approved approve agreed confirmed",
            "reject rejected declined refused denied turned",
        ),
        ("approved", "unapproved pending"),
        ("open", "closed"),
        ("early earlier ahead", "late later behind overdue"),
        ("above exceeds over", "below under"),
        (
            "happy satisfied pleased positive like liked love",
            "unhappy dissatisfied frustrated negative disappointed dislike worried concerned",
        ),
        ("renew renewed renewing renewal", "cancel cancelled churn churned leave leaving"),
        ("start started begin began", "stop stopped end ended"),
        ("join joined", "leave left"),
        ("buy bought", "sell sold"),
        ("supports support favours champion champions", "opposes oppose blocks block blocker"),
        ("cheaper", "dearer pricier costlier"),
        ("faster quicker", "slower"),
        ("internal", "external"),
        ("sent", "received"),
        ("active", "inactive paused"),
        ("ready", "unready blocked"),
        ("first", "last second"),
        ("minimum least", "maximum most"),
        ("required mandatory", "optional"),
        ("inbound", "outbound"),
        (
            "hold paused postponed delayed frozen waiting parked stalled deferred",
            "decide decides decided proceed proceeding moving track committed commit sign signing accelerated advancing ahead resume resumes resumed",
        ),
        ("only", "every all any everybody everywhere anybody"),
        ("monthly", "yearly annual annually quarterly"),
        ("owe owes", "owed"),
    )
)


@dataclass(frozen=True, kw_only=True)
class Stance:
    """What a sentence's words say about truth: whether it denies, hedges, leaves open, or asserts."""

    denied: bool
    hedged: bool
    barely: bool
    open: bool
    asserted: bool
    stems: frozenset[str]


def stance(sentence: str) -> Stance:
    low = folded(sentence)
    cleared = _NOT_A_DENIAL.sub(" ", low)
    cleared = _IF.sub(" ", cleared)
    leaves_open = bool(_OPEN.search(low))
    return Stance(
        denied=bool(_NOT.search(cleared)) != ("without" in words(cleared)),  # "never without" denies nothing
        hedged=leaves_open or bool(_MAYBE.search(low)),
        barely=bool(_BARELY.search(low)),
        open=leaves_open,
        asserted=bool(_CERTAIN.search(low)),
        stems=frozenset(stem(word) for word in words(low)),
    )


def tells_of_saying(text: str) -> bool:
    return bool(_SAID.search(folded(text)))


def commits(clause: str) -> bool:
    """It says, for certain, that somebody has agreed, decided or promised."""
    said = stance(clause)
    return bool(_COMMITS.search(folded(clause))) and not said.denied and not said.hedged


def may_commit(clause: str) -> bool:
    """It tells of agreeing, deciding or promising, for certain."""
    told = stance(clause)
    return bool(_COMMITMENT.search(folded(clause))) and not told.denied and not told.hedged


_TO_COME = re.compile(r"\b(?:will|shall|to|would|may|might|can|could)(?: (?:not|also|only|then))? ([a-z]+)")
_DONE = re.compile(
    r"(?<!to be )(?<!will be )\b([a-z]+ed|bought|sent|paid|met|made|began|begun|chose|chosen|won|lost|left|written|given)\b"
)


def done(clause: str) -> frozenset[str]:
    """Stems of what it tells as done: ``has returned``, ``sent``."""
    return frozenset(stem(found[1]) for found in _DONE.finditer(folded(clause)))


def to_come(clause: str) -> frozenset[str]:
    """Stems of what it tells as to be done: ``will return``, ``wants to decide``."""
    return frozenset(stem(found[1]) for found in _TO_COME.finditer(folded(clause)))


def less_sure(claimed: Stance, known: Stance) -> bool:
    """Whether the source hedges what is claimed without one."""
    return known.hedged and not claimed.hedged and (claimed.asserted or (known.barely and not claimed.denied))


def too_early(clause: str, source: str) -> bool:
    """Whether it tells as present what the source tells as to come."""
    ours, theirs = folded(clause), folded(source)
    return bool(_WILL.search(theirs) and _IS.search(ours)) and not (_WILL.search(ours) or _IS.search(theirs))


def denies(claimed: Stance, known: Stance) -> bool:
    """Whether one says yes and the other no. "May not" and "is not sure" do not differ in that."""
    both_unsure = claimed.hedged and known.hedged and (claimed.open or known.open)
    return claimed.denied != known.denied and not both_unsure


def opposed(claimed: Stance, known: Stance) -> tuple[str, str] | None:
    """The two words that contradict each other, if there are some."""
    for one, other in _OPPOSITES:
        for ours, theirs in ((one, other), (other, one)):
            said = ours & claimed.stems
            against = theirs & known.stems
            if said and against and not (ours & known.stems) and not (theirs & claimed.stems):
                return min(said), min(against)
    return None

"""What customers care about, as words in which they say it, and where we answer it. Plain patterns, first match first."""

import re
from dataclasses import dataclass


@dataclass(frozen=True)
class Topic:
    """``name`` is what people read; ``query`` finds our own documents about it."""

    name: str
    pattern: re.Pattern[str]
    query: str

    def said_in(self, text: str) -> bool:
        return bool(self.pattern.search(text))


def _topic(name: str, pattern: str, query: str) -> Topic:
    return Topic(name, re.compile(rf"\b(?:{pattern})", re.IGNORECASE), query)


TOPICS = (
    _topic("approvals", r"approv\w*|offline|on the phone|deput(?:y|ies)|two-step|scaffold|browsers?\b|sign-?off", "approval phone offline network deputies"),
    _topic("integration", r"ERP\b|connectors?\b|integrat\w*|cost centres?|single sign|identity provider|file exchange|API\b", "integration ERP connector cost centres file exchange"),
    _topic("security", r"security|data protection|penetration|subprocessors?|residency|audit log|hosting|works council", "security audit log penetration test data residency"),
    _topic("audits", r"audit(?:s|or|ors)?\b|finding", "audit log export records"),
    _topic("budgets", r"budgets?\b|committed|overspen\w*|spend(?:ing)?\b", "budget project department committed spend"),
    _topic("invoices", r"invoices?\b|month-end|purchase orders?|order numbers?|receipts?|late fees|supplier", "invoices order overview month-end"),
    _topic("rollout", r"roll-?outs?\b|weeks until|go live|training|train\b|onboarding|implementation|take so long", "rollout onboarding training kick-off"),
    _topic("support", r"support\b|tickets?\b|outages?\b|are you down|response time", "support SLA response time availability"),
    _topic("price", r"pric(?:e|es|ing)|discount|expensive|cheaper|percent\b|below yours|late fees|pay more|first quarter free", "price discount term conditions"),
    _topic("contract", r"contract|terms|legal\b|notice\b|renew\w*|payment", "legal terms contract liability notice"),
)  # fmt: skip


def topic_of(text: str) -> Topic | None:
    return next((topic for topic in TOPICS if topic.said_in(text)), None)

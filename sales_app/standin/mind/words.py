"""The words that name a value of the CRM."""

import re
from collections.abc import Mapping
from pathlib import Path

STAGES = {
    "prospecting": "prospecting",
    "discovery": "discovery",
    "evaluation": "evaluation",
    "evaluating": "evaluation",
    "proposal": "proposal",
    "proposals": "proposal",
    "negotiation": "negotiation",
    "negotiating": "negotiation",
    "negotiations": "negotiation",
    "closed-won": "won",
    "closed won": "won",
    "won": "won",
    "win": "won",
    "wins": "won",
    "closed-lost": "lost",
    "closed lost": "lost",
    "lost": "lost",
    "lose": "lost",
    "losses": "lost",
}
SEGMENTS = {
    "smb": "smb",
    "smbs": "smb",
    "small business": "smb",
    "small businesses": "smb",
    "small and medium": "smb",
    "mid-market": "mid",
    "mid market": "mid",
    "midmarket": "mid",
    "mid-size": "mid",
    "mid-sized": "mid",
    "medium-sized": "mid",
    "enterprise": "enterprise",
    "enterprises": "enterprise",
}
STATUSES = {
    "prospects": "prospect",
    "prospect": "prospect",
    "customers": "customer",
    "customer": "customer",
    "clients": "customer",
    "client": "customer",
    "churned": "churned",
    "churn": "churned",
    "ex-customers": "churned",
    "former customers": "churned",
}
HEALTHS = {
    "at risk": "at_risk",
    "at-risk": "at_risk",
    "in danger": "at_risk",
    "red": "at_risk",
    "unhealthy": "at_risk",
    "healthy": "good",
    "good health": "good",
    "in good health": "good",
    "to watch": "watch",
    "on watch": "watch",
    "watch list": "watch",
    "watchlist": "watch",
}
ROLES = {
    "champion": "champion",
    "champions": "champion",
    "economic buyer": "economic_buyer",
    "economic buyers": "economic_buyer",
    "decision maker": "economic_buyer",
    "decision makers": "economic_buyer",
    "decision-maker": "economic_buyer",
    "decision-makers": "economic_buyer",
    "budget holder": "economic_buyer",
    "budget holders": "economic_buyer",
    "technical buyer": "technical_buyer",
    "technical buyers": "technical_buyer",
    "procurement": "procurement",
    "legal": "legal",
    "lawyers": "legal",
    "blocker": "blocker",
    "blockers": "blocker",
    "end users": "user",
}
KINDS = {
    "calls": "call",
    "call": "call",
    "phone calls": "call",
    "emails": "email",
    "email": "email",
    "e-mails": "email",
    "e-mail": "email",
    "mails": "email",
    "meetings": "meeting",
    "meeting": "meeting",
    "notes": "note",
    "note": "note",
}
COUNTRIES = {
    "usa": "United States",
    "us": "United States",
    "united states": "United States",
    "america": "United States",
    "uk": "United Kingdom",
    "united kingdom": "United Kingdom",
    "britain": "United Kingdom",
    "great britain": "United Kingdom",
    "england": "United Kingdom",
    "germany": "Germany",
    "german": "Germany",
    "france": "France",
    "french": "France",
    "netherlands": "Netherlands",
    "holland": "Netherlands",
    "dutch": "Netherlands",
    "sweden": "Sweden",
    "swedish": "Sweden",
    "spain": "Spain",
    "spanish": "Spain",
    "italy": "Italy",
    "australia": "Australia",
    "australian": "Australia",
    "singapore": "Singapore",
    "japan": "Japan",
    "japanese": "Japan",
    "canada": "Canada",
    "canadian": "Canada",
    "austria": "Austria",
    "switzerland": "Switzerland",
    "swiss": "Switzerland",
    "belgium": "Belgium",
    "denmark": "Denmark",
    "norway": "Norway",
    "finland": "Finland",
    "poland": "Poland",
    "portugal": "Portugal",
    "ireland": "Ireland",
    "india": "India",
    "brazil": "Brazil",
    "mexico": "Mexico",
}
INDUSTRIES = {
    "professional services": "Professional services",
    "consulting": "Professional services",
    "logistics": "Logistics",
    "freight": "Logistics",
    "transport": "Logistics",
    "manufacturing": "Manufacturing",
    "manufacturers": "Manufacturing",
    "manufacturer": "Manufacturing",
    "healthcare": "Healthcare",
    "health care": "Healthcare",
    "hospitality": "Hospitality",
    "hotels": "Hospitality",
    "retail": "Retail",
    "retailers": "Retail",
    "construction": "Construction",
    "builders": "Construction",
    "software": "Software",
    "saas": "Software",
    "education": "Education",
    "schools": "Education",
    "food and drink": "Food and drink",
    "food": "Food and drink",
    "media and design": "Media and design",
    "media": "Media and design",
    "energy": "Energy",
    "utilities": "Energy",
    "finance": "Finance",
    "banking": "Finance",
    "insurance": "Insurance",
}
GROUPS = {
    "stage": "stage",
    "stages": "stage",
    "owner": "owner",
    "owners": "owner",
    "rep": "owner",
    "reps": "owner",
    "person": "owner",
    "seller": "owner",
    "segment": "segment",
    "segments": "segment",
    "industry": "industry",
    "industries": "industry",
    "sector": "industry",
    "country": "country",
    "countries": "country",
    "month": "month",
    "months": "month",
    "closing month": "month",
    "competitor": "competitor",
    "competitors": "competitor",
}
ORDINALS = {
    "first": 0,
    "1st": 0,
    "second": 1,
    "2nd": 1,
    "third": 2,
    "3rd": 2,
    "fourth": 3,
    "4th": 3,
    "fifth": 4,
    "5th": 4,
    "last": -1,
}

# Words that carry no name. Whatever is left of a question beside these and the values above may be one.
COMMON = frozenset(Path(__file__).with_name("common_words.txt").read_text(encoding="utf-8").split())


def _pattern(table: Mapping[str, object]) -> re.Pattern[str]:
    longest_first = sorted(table, key=len, reverse=True)
    return re.compile(r"(?<![\w-])(" + "|".join(map(re.escape, longest_first)) + r")(?![\w-])")


_PATTERNS: dict[tuple[str, ...], re.Pattern[str]] = {}


def _pattern_of(table: Mapping[str, object]) -> re.Pattern[str]:
    key = tuple(table)
    if key not in _PATTERNS:
        _PATTERNS[key] = _pattern(table)
    return _PATTERNS[key]


def find(table: Mapping[str, str], text: str) -> str | None:
    """The value that the (lower-case) text names first."""
    match = _pattern_of(table).search(text)
    return None if match is None else table[match[1]]


def find_all(table: Mapping[str, str], text: str) -> list[tuple[str, str]]:
    """Every value that the (lower-case) text names, with the word for it; each value once."""
    found: dict[str, str] = {}
    for match in _pattern_of(table).finditer(text):
        found.setdefault(table[match[1]], match[1])
    return [(word, value) for value, word in found.items()]


def without(table: Mapping[str, object], text: str) -> str:
    return _pattern_of(table).sub(" ", text)

"""The claim checker: holds every statement of a document against the facts that it cites, before anybody reads it.

Deterministic: numbers, dates, names, negation and certainty. It knows no model; a model's second opinion would be kept apart.
"""

from sales_app.claims.check import check, problem_of, unsupported
from sales_app.claims.finding import Finding

__all__ = ["Finding", "check", "problem_of", "unsupported"]

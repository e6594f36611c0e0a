"""Prices and discounts: a versioned policy, and quotes that keep to it with every line explained.

The proposal skill quotes from it; the funnels read the same policy. Nothing here knows of a model or of a page.
"""

from sales_app.pricing.policy import Policy, PolicyInvalid, read_policy
from sales_app.pricing.quoting import Line, PolicyRefused, Quote, quote

__all__ = ["Line", "Policy", "PolicyInvalid", "PolicyRefused", "Quote", "quote", "read_policy"]

"""Facts: single statements that were read or computed from records, each with where it comes from.

Collectors make them; models only compose from them; the claim checker holds what was composed against them.
"""

from sales_app.facts.fact import Action, Fact, Source, fact_from_json, numbered

__all__ = ["Action", "Fact", "Source", "fact_from_json", "numbered"]

"""Collectors: they read through connectors and the CRM, and compute the facts, numbers and ranking of skills."""

from sales_app.collect.base import Asking, Collector, collector, collector_of, kinds, titles

__all__ = ["Asking", "Collector", "collector", "collector_of", "kinds", "titles"]

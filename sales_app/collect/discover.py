"""Every module of this package may register a collector: adding a file is adding a collector."""

from importlib import import_module
from pkgutil import iter_modules

import sales_app.collect


def register_collectors() -> None:
    for module in sorted(iter_modules(sales_app.collect.__path__), key=lambda each: each.name):
        import_module(f"sales_app.collect.{module.name}")

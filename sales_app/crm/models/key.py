"""A column to search and sort names by, the same on both databases.

SQLite folds the case of ASCII letters only and sorts "zebra" behind "Zoo"; the key holds the name without case
and without accents.
"""

import unicodedata
from typing import Any

from django.db import models


def key_of(text: str) -> str:
    """``Ökonomia AG`` becomes ``okonomia ag``."""
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return " ".join("".join(c for c in decomposed if not unicodedata.combining(c)).split())


class KeyField(models.CharField):  # type: ignore[type-arg]  # not subscriptable at run time
    """Filled from the field ``of`` whenever a row is saved or bulk created; ``QuerySet.update`` does not."""

    def __init__(self, *, of: str = "name", **options: Any) -> None:
        self.of = of
        options.setdefault("max_length", 255)
        options.setdefault("editable", False)
        options.setdefault("default", "")
        super().__init__(**options)

    def deconstruct(self) -> Any:
        name, path, args, options = super().deconstruct()
        return name, path, args, {**options, "of": self.of}

    def pre_save(self, model_instance: models.Model, add: bool) -> str:
        key = key_of(getattr(model_instance, self.of))[: self.max_length]
        setattr(model_instance, self.attname, key)
        return key

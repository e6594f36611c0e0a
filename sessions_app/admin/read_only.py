"""Rows that tell what happened: no adding, changing or deleting by hand."""

from typing import Any

from django.http import HttpRequest


class ReadOnly:
    """Mix into a ModelAdmin or an inline, before it."""

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

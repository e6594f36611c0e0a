"""How records are written on a page: numbers as the reader's country writes them, times in the reader's zone."""

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django import template
from django.template import Context
from django.utils import formats, timezone, translation
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.timesince import timesince, timeuntil

from sales_app.artifacts.rendering.page import KINDS

register = template.Library()

TONES = {
    "customer": "good",
    "won": "good",
    "good": "good",
    "watch": "warn",
    "at_risk": "bad",
    "churned": "bad",
    "lost": "bad",
}


def _locale(context: Context) -> str:
    request = context.get("request")
    return str(getattr(getattr(request, "user", None), "locale", "") or "en-US").lower()


def _number(context: Context, value: Decimal | int, decimals: int) -> str:
    with translation.override(_locale(context)):
        return formats.number_format(value, decimal_pos=decimals, use_l10n=True, force_grouping=True)


@register.simple_tag(takes_context=True)
def number(context: Context, value: Decimal | int | None) -> str:
    return "" if value is None else _number(context, value, 0)


@register.simple_tag(takes_context=True)
def money(context: Context, value: Decimal | None, currency: str) -> str:
    """``USD 1,250``; cents only where there are any."""
    if value is None:
        return ""
    decimals = 0 if value == value.to_integral_value() else 2
    return f"{currency}\u00a0{_number(context, value, decimals)}"


@register.simple_tag
def when(moment: datetime | None) -> SafeString | str:
    """A time relative to now, with the exact one (in the active zone) on hover."""
    if moment is None:
        return ""
    local, now = timezone.localtime(moment), timezone.now()
    if abs(now - moment) < timedelta(minutes=1):
        words = "just now"
    elif moment > now:
        words = f"in {timeuntil(moment, now, depth=1)}"
    else:
        words = f"{timesince(moment, now, depth=1)} ago"
    exact = formats.date_format(local, "D j M Y, H:i")
    return format_html('<time datetime="{}" title="{}">{}</time>', moment.isoformat(), exact, words)


@register.simple_tag
def day(value: date | None) -> SafeString | str:
    if value is None:
        return ""
    short = "j M" if value.year == timezone.localdate().year else "j M Y"
    return format_html(
        '<time datetime="{}" title="{}">{}</time>',
        value.isoformat(),
        formats.date_format(value, "l, j F Y"),
        formats.date_format(value, short),
    )


@register.simple_tag
def artifact_kind(kind: str) -> str:
    """``battle-card`` as people say it."""
    return KINDS.get(kind, kind)


@register.filter
def tone(value: str) -> str:
    """The badge's colour for a status, stage or health."""
    return TONES.get(value, "")


@register.filter
def zone(value: str) -> str:
    """``America/New_York`` as people write it."""
    return value.replace("_", " ")


@register.filter
def is_past(value: date | None) -> bool:
    return value is not None and value < timezone.localdate()


@register.inclusion_tag("crm/_sort.html", takes_context=True)
def sort(context: Context, order: str, label: str) -> dict[str, Any]:
    """A column's heading that sorts by it."""
    return {"request": context["request"], "order": order, "label": label, "current": context["order"]}

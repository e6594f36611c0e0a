"""Accounts and deals as what a session is about."""

from typing import Any, TypeVar

from django.db.models import Model, QuerySet

from sales_app.crm.access import accounts_for, deals_for
from sessions_app.session.subjects import Subject

M = TypeVar("M", bound=Model)

ID_DIGITS = 18  # of the largest number that a key can be


def _found(rows: QuerySet[M], id: str) -> M | None:
    return rows.filter(pk=id).first() if id.isascii() and id.isdigit() and len(id) <= ID_DIGITS else None


def account_subject(id: str, user: Any) -> Subject | None:
    account = _found(accounts_for(user), id)
    if account is None:
        return None
    return Subject(kind="account", id=str(account.pk), label=account.name, url=f"/accounts/{account.pk}/")


def deal_subject(id: str, user: Any) -> Subject | None:
    deal = _found(deals_for(user), id)
    if deal is None:
        return None
    return Subject(kind="deal", id=str(deal.pk), label=deal.name, url=f"/deals/{deal.pk}/")

"""Accounts and deals as what a session is about."""

from typing import Any

from sales_app.crm.access import accounts_for, deals_for
from sessions_app.session.subjects import Subject


def account_subject(id: str, user: Any) -> Subject | None:
    account = accounts_for(user).filter(pk=id).first() if id.isdigit() else None
    if account is None:
        return None
    return Subject(kind="account", id=str(account.pk), label=account.name, url=f"/accounts/{account.pk}/")


def deal_subject(id: str, user: Any) -> Subject | None:
    deal = deals_for(user).filter(pk=id).first() if id.isdigit() else None
    if deal is None:
        return None
    return Subject(kind="deal", id=str(deal.pk), label=deal.name, url=f"/deals/{deal.pk}/")

"""Which rows a person may see. Everything that reads the CRM for somebody begins here.

The account is the unit: whoever owns it, manages its owner or works one of its deals sees it, with all its
contacts, deals and activities. Everybody also sees what they did themselves, such as internal meetings.
"""

from django.db.models import Q, QuerySet

from sales_app.crm.models import Account, Activity, Contact, Deal
from sales_app.people.access import book_owner_ids
from sales_app.people.models import User


def accounts_for(user: User) -> QuerySet[Account]:
    owners = book_owner_ids(user)
    if owners is None:
        return Account.objects.all()
    # Asked once for the whole list; SQLite would read an owner's deals again for each account if it were correlated.
    worked_on = Deal.objects.filter(owner__in=owners).order_by().values("account")
    return Account.objects.filter(Q(owner__in=owners) | Q(pk__in=worked_on))


def contacts_for(user: User) -> QuerySet[Contact]:
    if book_owner_ids(user) is None:
        return Contact.objects.all()
    return Contact.objects.filter(account__in=accounts_for(user))


def deals_for(user: User) -> QuerySet[Deal]:
    if book_owner_ids(user) is None:
        return Deal.objects.all()
    return Deal.objects.filter(account__in=accounts_for(user))


def activities_for(user: User) -> QuerySet[Activity]:
    owners = book_owner_ids(user)
    if owners is None:
        return Activity.objects.all()
    return Activity.objects.filter(Q(owner__in=owners) | Q(account__in=accounts_for(user)))

"""The policy in force, for everybody who sells: what a proposal's source leads to."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from sales_app.crm.page import crm_page
from sales_app.people.models import User
from sales_app.pricing import store
from sales_app.pricing.policy import read_policy


@require_safe
@crm_page()
def prices(request: HttpRequest, user: User) -> HttpResponse:
    version = store.in_force(timezone.localdate())
    policy = read_policy(version.terms, version=version.number) if version else None
    mine = policy.limit_of(user.role) if policy else None
    return render(request, "pricing/policy.html", {"version": version, "policy": policy, "mine": mine})

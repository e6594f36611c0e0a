"""Sending what is due. Claimed before it is tried and tried again while its row is there: a device may get one twice when a
worker dies in between, and shows it once (its tag).
"""

import json
import logging
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.utils import parseaddr

import requests
from django.conf import settings
from django.urls import reverse
from pywebpush import WebPushException, webpush

from sales_app.inbox.models import Device, Notice, Push
from sales_app.inbox.push import keys
from sales_app.inbox.push.hosts import NotAllowed, checked, own_origin
from sales_app.inbox.push.outbound import session
from sales_app.inbox.sorting import sort_out
from sales_app.inbox.wishes import TITLES

logger = logging.getLogger(__name__)

AT_ONCE = 200
SIDE_BY_SIDE = 8
TRIES = 6
AGAIN_AFTER = timedelta(seconds=15)  # doubled with each try
LIVES = 12 * 3600  # seconds that the service keeps it for a device that is off
TIMEOUT = (5.0, 10.0)  # to connect, to answer
GONE = {404, 410}
LATER = {408, 425, 429, 500, 502, 503, 504}


@dataclass(frozen=True)
class Sent:
    """``outcome`` is "sent", "gone", "refused" or "later"."""

    push: Push
    outcome: str


def push_due(now: datetime) -> int:
    """Send what is due. Returns how many a push service has taken."""
    if not keys.is_on():
        return 0
    Push.objects.filter(due__lte=now, device__user__is_active=False).delete()
    due = list(
        Push.objects.filter(due__lte=now)
        .select_related("notice__session", "device")
        .order_by("due", "pk")[:AT_ONCE]
    )
    if not due:
        return 0
    found = sort_out(list({each.notice_id: each.notice for each in due}.values()), now, wanted=lambda _: True)
    settled = [each.pk for each in found.settled]
    Push.objects.filter(notice__in=settled).delete()
    later = now + timedelta(seconds=settings.CLEWLINE_NOTICE_SECONDS)
    Push.objects.filter(notice__in=[each.pk for each in found.put_off], due__lte=now).update(due=later)
    wanted = {each.pk for each in found.rest}
    mine = [each for each in due if each.notice_id in wanted and _claim(each, now)]
    with ThreadPoolExecutor(SIDE_BY_SIDE, thread_name_prefix="push") as pool:
        sent = list(pool.map(_send, mine))
    return _settle(sent)


def _claim(push: Push, now: datetime) -> bool:
    """Nobody else tries it before it is due again."""
    again = now + AGAIN_AFTER * 2**push.attempts
    claimed = Push.objects.filter(pk=push.pk, due=push.due, attempts=push.attempts)
    return bool(claimed.update(due=again, attempts=push.attempts + 1))


def _settle(sent: Sequence[Sent]) -> int:
    gone = [each.push.device_id for each in sent if each.outcome == "gone"]
    Device.objects.filter(pk__in=gone).delete()
    over = [
        each.push.pk
        for each in sent
        if each.outcome in {"sent", "refused"}
        or (each.outcome == "later" and each.push.attempts + 1 >= TRIES)
    ]
    Push.objects.filter(pk__in=over).delete()
    return sum(each.outcome == "sent" for each in sent)


def _send(push: Push) -> Sent:
    device = push.device
    try:
        url = checked(device.endpoint)
        with session(own=own_origin(url)) as connection:
            webpush(
                {"endpoint": device.endpoint, "keys": {"p256dh": device.p256dh, "auth": device.auth}},
                data=json.dumps(payload(push.notice)),
                vapid_private_key=keys.private_key(),
                vapid_claims={"sub": _sender()},
                ttl=LIVES,
                timeout=TIMEOUT,
                headers={"Urgency": "normal"},
                requests_session=connection,
            )
    except WebPushException as problem:
        status = problem.response.status_code if problem.response is not None else 0
        outcome = "gone" if status in GONE else "later" if status in LATER else "refused"
        logger.info("A push service answered %s for user %s: %s.", status, device.user_id, outcome)
        return Sent(push, outcome)
    except requests.TooManyRedirects:
        return Sent(push, "refused")
    except (requests.RequestException, OSError) as problem:
        logger.info("A push service could not be reached (%s).", type(problem).__name__)
        return Sent(push, "later")
    except (NotAllowed, ValueError) as problem:
        logger.warning("A notice was not pushed to user %s: %s", device.user_id, problem)
        return Sent(push, "refused")
    return Sent(push, "sent")


def payload(notice: Notice) -> dict[str, str]:
    """The kind of news, the chat's title, and the way there: nothing of what was said in it."""
    return {
        "title": TITLES[notice.kind],
        "body": " ".join(str(notice.session).split()),
        "url": reverse("chat-session", args=[notice.session_id]),
        "tag": f"{notice.session_id}:{notice.kind}",
    }


def _sender() -> str:
    """Whom a push service may write to about us."""
    site: str = settings.CLEWLINE_SITE_URL
    return site if site.startswith("https://") else f"mailto:{parseaddr(settings.DEFAULT_FROM_EMAIL)[1]}"

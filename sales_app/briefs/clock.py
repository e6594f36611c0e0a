"""What time it is for the schedules. Only tests set it otherwise, from an app of their own."""

from collections.abc import Callable
from datetime import datetime

from django.utils import timezone

_clock: list[Callable[[], datetime]] = [timezone.now]


def now() -> datetime:
    return _clock[0]()


def set_clock(clock: Callable[[], datetime]) -> None:
    _clock[:] = [clock]

"""Who may read streams over HTTP. The store knows nobody: the layers above register, and without that no one may."""

from collections.abc import Awaitable, Callable

from django.http import HttpRequest

Check = Callable[[HttpRequest, str], Awaitable[bool]]

_readers: dict[str, Check] = {}


def register_reader(prefix: str, check: Check) -> None:
    """``check(request, path)`` decides for every stream whose path begins with ``prefix``, at each read and each push,
    after the records were read.

    Called from AppConfig.ready(). Without a matching prefix the answer is no.
    """
    _readers[prefix] = check


async def may_read(request: HttpRequest, path: str) -> bool:
    matching = [prefix for prefix in _readers if path.startswith(prefix)]
    if not matching:
        return False
    return await _readers[max(matching, key=len)](request, path)

"""One embedded server per data directory: two would not hear each other's live events."""

import fcntl
import os
from pathlib import Path
from typing import TextIO


class AlreadyRunning(Exception):
    """The data directory is in use; ``str()`` is the process id of its server."""


def hold(path: Path) -> TextIO:
    """Take the lock until the returned file is closed or the process dies. Raises ``AlreadyRunning``."""
    file = path.open("a+", encoding="ascii")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        file.seek(0)
        pid = file.read().strip()
        file.close()
        raise AlreadyRunning(pid) from None
    file.truncate(0)
    file.write(f"{os.getpid()}\n")
    file.flush()
    return file

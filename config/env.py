"""The environment, typed. Every variable is read through ``env`` in ``config/settings.py``, so ``env.dump()``
lists them all, and stands in the table of ``docs/deploy.md``; a test compares the two.

A file ``.env`` beside ``manage.py`` is read first; the real environment wins over it.
"""

import os
from pathlib import Path

from environs import Env

BASE_DIR = Path(__file__).resolve().parent.parent

env = Env(prefix="CLEWLINE_")
if os.environ.get("CLEWLINE_READ_DOT_ENV", "1") != "0":
    env.read_env(str(BASE_DIR / ".env"), recurse=False)


def server_port() -> int:
    """The port of every server command: ``PORT`` (no prefix, as hosting platforms set it), else 8000."""
    return Env().int("PORT", 8000)

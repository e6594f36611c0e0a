"""The secret key of an installation that was not given one."""

import base64
import os
import secrets
from collections.abc import Callable
from pathlib import Path


def new_secret() -> str:
    return secrets.token_urlsafe(64)


def new_push_key() -> str:
    """A private key of P-256 is any number below the curve's order, as nearly every one of 32 bytes is."""
    below = b"\x7f" + secrets.token_bytes(31)
    return base64.urlsafe_b64encode(below).decode().rstrip("=")


def kept_in(path: Path, make: Callable[[], str] = new_secret) -> str:
    """Read the key, or make it once. Of two processes starting together the first to link its file wins."""
    try:
        return path.read_text(encoding="ascii").strip()
    except FileNotFoundError:
        pass
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(make() + "\n")
    try:
        os.link(draft, path)
    except FileExistsError:
        pass
    finally:
        draft.unlink()
    return path.read_text(encoding="ascii").strip()

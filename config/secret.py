"""The secret key of an installation that was not given one."""

import os
import secrets
from pathlib import Path


def kept_in(path: Path) -> str:
    """Read the key, or make it once. Of two processes starting together the first to link its file wins."""
    try:
        return path.read_text(encoding="ascii").strip()
    except FileNotFoundError:
        pass
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(secrets.token_urlsafe(64) + "\n")
    try:
        os.link(draft, path)
    except FileExistsError:
        pass
    finally:
        draft.unlink()
    return path.read_text(encoding="ascii").strip()

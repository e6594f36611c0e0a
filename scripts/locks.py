#!/usr/bin/env python3
"""Both locks must install anywhere: they may name the public package indexes and no other host."""

import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PUBLIC = {
    "uv.lock": {"pypi.org", "files.pythonhosted.org"},
    "tests/js/package-lock.json": {"registry.npmjs.org"},
}
# In package-lock.json a "funding" or "license" address is no place to install from.
PLACES = {
    "uv.lock": r'(?:url|registry) = "https?://([^/"]+)',
    "tests/js/package-lock.json": r'"resolved": "\w+://([^/"]+)',
}


def strangers() -> list[str]:
    """``file: host`` for each host that is not public."""
    found = []
    for name, public in PUBLIC.items():
        hosts = set(re.findall(PLACES[name], (ROOT / name).read_text(encoding="utf-8")))
        found += [f"{name}: {host}" for host in sorted(hosts - public)]
    return found


if __name__ == "__main__":
    if lines := strangers():
        sys.exit("\n".join(lines))

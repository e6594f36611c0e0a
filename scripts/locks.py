#!/usr/bin/env python3
"""All locks must install anywhere: they may name the public package indexes and no other host."""

import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
# Where a lock says from which host something is installed. In package-lock.json a "funding" address is none.
PYTHON = (r'(?:url|registry) = "https?://([^/"]+)', {"pypi.org", "files.pythonhosted.org"})
NODE = (r'"resolved": "\w+://([^/"]+)', {"registry.npmjs.org"})


def strangers() -> list[str]:
    """``file: host`` for each host that is not public."""
    locks = {"uv.lock": PYTHON}
    locks |= {str(path.relative_to(ROOT)): NODE for path in ROOT.glob("tests/*/package-lock.json")}
    found = []
    for name, (place, public) in locks.items():
        hosts = set(re.findall(place, (ROOT / name).read_text(encoding="utf-8")))
        found += [f"{name}: {host}" for host in sorted(hosts - public)]
    return found


if __name__ == "__main__":
    if lines := strangers():
        sys.exit("\n".join(lines))

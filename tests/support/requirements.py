"""What tests need beyond Python: found on this machine, or the test is skipped with a reason that helps.

``CLEWLINE_TEST_REQUIRE`` (``all``, or names with commas) turns such a skip into a failure, for CI.
"""

import functools
import os
import shutil
import subprocess
from pathlib import Path

import pytest

GET = {
    "postgres": "apt-get install postgresql",
    "redis": "apt-get install redis-server",
    "chromium": "apt-get install chromium",
    "node": "apt-get install nodejs npm (Node 20 or newer), then make test",
}

JS = Path(__file__).resolve().parent.parent / "js"


@functools.cache
def find(name: str) -> Path | None:
    """The binary (for ``postgres`` the directory of binaries), or None."""
    match name:
        case "postgres":
            if config := shutil.which("pg_config"):
                listed = subprocess.run(
                    [config, "--bindir"], capture_output=True, text=True, check=True
                ).stdout
                candidates = [Path(listed.strip())]
            else:
                candidates = []
            candidates += sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
            candidates += [Path(p).parent for p in [shutil.which("initdb")] if p]
            return next(
                (c for c in candidates if (c / "initdb").exists() and (c / "postgres").exists()), None
            )
        case "redis":
            found = shutil.which("redis-server") or shutil.which("valkey-server")
        case "chromium":
            found = next(
                filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None
            )
        case "node":
            found = shutil.which("node") if (JS / "node_modules").is_dir() else None
        case _:
            raise ValueError(name)
    return Path(found) if found else None


def required(name: str) -> bool:
    wanted = os.environ.get("CLEWLINE_TEST_REQUIRE", "").replace(" ", "").split(",")
    return "all" in wanted or name in wanted


def need(name: str) -> Path:
    """The binary; skips the test without it, or fails it when CLEWLINE_TEST_REQUIRE names it."""
    found = find(name)
    if found is None:
        message = f"{name} is missing: {GET[name]}"
        if required(name):
            pytest.fail(message, pytrace=False)
        pytest.skip(message)
    return found

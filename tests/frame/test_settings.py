"""The environment: documented, checked at start, and with messages that say what to do."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from config.env import env
from scripts.locks import strangers
from tests.support.topology import ROOT

PRODUCTION = {
    "CLEWLINE_DATABASE_URL": "postgresql://clewline@db.invalid/clewline",
    "CLEWLINE_REDIS_URL": "redis://redis.invalid:6379/0",
    "CLEWLINE_SECRET_KEY": "x7Gq2mVw9Lr4Tz8Kp1Nd6Yc3Hf5Jb0SaEuXiOvRkWgMhQtBnPl",
    "CLEWLINE_ALLOWED_HOSTS": "clewline.example.com",
    "CLEWLINE_PROXY_COUNT": "1",
    "CLEWLINE_SMTP_URL": "smtp+tls://u:p@mail.example.com",
}


def check(data: Path, **changes: str | None) -> str:
    """What `manage.py check` says in this environment; a change to None removes a variable."""
    environment = {"PATH": os.environ["PATH"], "CLEWLINE_READ_DOT_ENV": "0", "CLEWLINE_DATA_DIR": str(data)}
    environment |= {k: v for k, v in changes.items() if v is not None}
    done = subprocess.run(
        [sys.executable, "manage.py", "check"],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert "Traceback" not in done.stderr
    return done.stdout + done.stderr


def test_every_variable_is_documented() -> None:
    table = (ROOT / "docs" / "deploy.md").read_text().partition("## Every variable")[2]
    documented = set(re.findall(r"^\| `(CLEWLINE_\w+)`", table, re.MULTILINE))
    assert documented == set(env.dump()) | {"CLEWLINE_READ_DOT_ENV"}


def test_embedded_needs_nothing_and_keeps_its_key(tmp_path: Path) -> None:
    assert "no issues" in check(tmp_path)
    key = tmp_path / "secret_key"
    assert key.stat().st_mode & 0o777 == 0o600
    before = key.read_text()
    assert len(before) > 60
    check(tmp_path)
    assert key.read_text() == before


def test_complete_production_has_no_complaint(tmp_path: Path) -> None:
    assert "no issues" in check(tmp_path, **PRODUCTION)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"CLEWLINE_SECRET_KEY": None}, "CLEWLINE_SECRET_KEY is missing. Make one with"),
        ({"CLEWLINE_ALLOWED_HOSTS": None}, "CLEWLINE_ALLOWED_HOSTS is missing"),
        ({"CLEWLINE_REDIS_URL": None, "CLEWLINE_PROFILE": "production"}, "CLEWLINE_REDIS_URL is missing"),
        (
            {"CLEWLINE_DATABASE_URL": None, "CLEWLINE_PROFILE": "production"},
            "CLEWLINE_DATABASE_URL is missing",
        ),
        ({"CLEWLINE_DATABASE_URL": None}, "Set both for the production profile, or neither"),
        ({"CLEWLINE_DATABASE_URL": "sqlite:///x"}, "must look like postgresql://"),
        ({"CLEWLINE_DEBUG": "1"}, "CLEWLINE_DEBUG is on in production"),
        ({"CLEWLINE_PROXY_COUNT": None}, "Set CLEWLINE_PROXY_COUNT"),
        ({"CLEWLINE_SMTP_URL": None}, "CLEWLINE_SMTP_URL is missing"),
        ({"CLEWLINE_SMTP_URL": "http://mail"}, "must look like smtp+tls://"),
        ({"CLEWLINE_SERVER": "gunicorn"}, "Choose daphne or uvicorn"),
        ({"CLEWLINE_LEASE_SECONDS": "soon"}, 'CLEWLINE_LEASE_SECONDS" invalid'),
        ({"CLEWLINE_LEASE_SECOND": "1"}, "Did you mean CLEWLINE_LEASE_SECONDS?"),
    ],
)
def test_what_is_wrong_is_said(tmp_path: Path, changes: dict[str, str | None], said: str) -> None:
    assert said in check(tmp_path, **{**PRODUCTION, **changes})


def test_locks_install_anywhere() -> None:
    assert strangers() == []

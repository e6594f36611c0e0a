"""Clewline as real processes: the embedded server, or several web and worker processes and one beat.

    def test_something(topology):
        clewline = topology.embedded(server="uvicorn", env={"CLEWLINE_LEASE_SECONDS": "1"})
        clewline.manage("demo", "--once")
        clewline.web.kill()          # SIGKILL
        clewline.web.start()         # the same port, the same data
        httpx.get(clewline.url + "/")

Logs go to files; when the test fails, their ends are in its report.
"""

import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import uuid
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

import httpx
import psycopg

from tests.support.ports import free_port, until
from tests.support.services import PostgreSQL, RedisServer

ROOT = Path(__file__).resolve().parent.parent.parent
START_SECONDS = 60

ServerName = Literal["daphne", "uvicorn"]
Store = Literal["sqlite", "postgres"]


def base_environment(data: Path, extra: Mapping[str, str]) -> dict[str, str]:
    """Nothing of the caller's CLEWLINE_* settings reaches the processes."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith("CLEWLINE_") and k != "PORT"}
    ours = {
        "CLEWLINE_READ_DOT_ENV": "0",
        "CLEWLINE_DATA_DIR": str(data),
        "CLEWLINE_SCHEDULES": "0",  # no briefs among what a test looks at
        "PYTHONUNBUFFERED": "1",
        "PYTHONFAULTHANDLER": "1",
    }
    if not list((ROOT / "sessions_app" / "migrations").glob("0*.py")):
        ours["CLEWLINE_NO_MIGRATIONS"] = "1"
    return {**kept, **ours, **extra}


def manage(environment: Mapping[str, str], *arguments: str) -> str:
    """Run a management command to its end; its standard output. Raises ``AssertionError`` if it fails."""
    done = subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, (
        f"manage.py {' '.join(arguments)} ended with {done.returncode}:\n{done.stderr[-4000:]}"
    )
    return done.stdout


class Process:
    """One process that can be killed and started again with the same arguments."""

    def __init__(
        self, name: str, arguments: Sequence[str], environment: Mapping[str, str], log: Path
    ) -> None:
        self.name, self.arguments, self.environment, self.log = name, list(arguments), environment, log
        self.popen: subprocess.Popen[bytes] | None = None
        self.port = int(environment.get("PORT", 0))

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def pid(self) -> int:
        assert self.popen is not None, f"{self.name} was not started"
        return self.popen.pid

    def launch(self) -> None:
        """Start without waiting."""
        self._log_before = self.log.stat().st_size if self.log.exists() else 0
        with self.log.open("ab") as log:
            self.popen = subprocess.Popen(
                [sys.executable, "manage.py", *self.arguments], cwd=ROOT, env=self.environment,
                stdout=log, stderr=log, stdin=subprocess.DEVNULL,
            )  # fmt: skip

    def start(self) -> None:
        self.launch()
        self.wait_ready()

    def ready(self) -> bool:
        """Says "is ready" in its log; a web process also answers /health/ready."""
        assert self.popen is not None
        if self.popen.poll() is not None:
            raise RuntimeError(f"{self.name} ended with {self.popen.returncode}:\n{self.tail()}")
        with self.log.open("rb") as log:
            log.seek(self._log_before)
            if b"is ready" not in log.read():
                return False
        if not self.port:
            return True
        try:
            return httpx.get(f"{self.url}/health/ready", timeout=5).status_code == 200
        except httpx.TransportError:
            return False

    def wait_ready(self) -> None:
        until(self.ready, timeout=START_SECONDS, what=f"{self.name} is ready", every=0.05)

    def send(self, number: int) -> None:
        os.kill(self.pid, number)

    def wait(self, timeout: float = 30) -> int:
        """The exit code; negative for a signal."""
        assert self.popen is not None
        return self.popen.wait(timeout)

    def kill(self, number: int = signal.SIGKILL) -> int:
        self.send(number)
        return self.wait()

    def restart(self, number: int = signal.SIGKILL) -> None:
        self.kill(number)
        self.start()

    def tail(self, size: int = 6000) -> str:
        return self.log.read_text(errors="replace")[-size:] if self.log.exists() else ""

    def close(self) -> None:
        if self.popen is not None and self.popen.poll() is None:
            self.popen.send_signal(signal.SIGCONT)  # in case the test had it stopped
            self.popen.terminate()
            try:
                self.popen.wait(15)
            except subprocess.TimeoutExpired:
                self.popen.kill()
                self.popen.wait()


class Clewline:
    """A running installation."""

    def __init__(self, environment: dict[str, str], directory: Path) -> None:
        self.environment, self.directory = environment, directory
        self.webs: list[Process] = []
        self.workers: list[Process] = []
        self.beat: Process | None = None
        self.postgres: PostgreSQL | None = None
        self.redis: RedisServer | None = None

    @property
    def web(self) -> Process:
        return self.webs[0]

    @property
    def url(self) -> str:
        return self.web.url

    @property
    def processes(self) -> list[Process]:
        return [*self.webs, *self.workers, *([self.beat] if self.beat else [])]

    def add(self, name: str, *arguments: str, port: bool = False) -> Process:
        environment = {**self.environment, **({"PORT": str(free_port())} if port else {})}
        return Process(name, arguments, environment, self.directory / f"{name}.log")

    def manage(self, *arguments: str) -> str:
        return manage(self.environment, *arguments)

    def shell(self, code: str) -> str:
        """Run Python inside the installation (models and settings loaded); its standard output."""
        return self.manage("shell", "-v", "0", "-c", code)

    def sign_in(self, email: str) -> list[dict[str, str]]:
        """Cookies of a new login of that person, as Playwright's ``add_cookies`` takes them."""
        key = self.shell(
            "from django.conf import settings\nfrom django.contrib.auth import get_user_model\n"
            "from django.test import Client\nclient = Client()\n"
            f"client.force_login(get_user_model().objects.get(email={email!r}),"
            " 'django.contrib.auth.backends.ModelBackend')\n"
            "print(client.cookies[settings.SESSION_COOKIE_NAME].value)"
        ).strip()
        return [{"name": "clewline_session", "value": key, "url": web.url} for web in self.webs]

    def connect(self) -> Any:
        """A DB-API connection to the installation's database, autocommitting."""
        if url := self.environment.get("CLEWLINE_DATABASE_URL"):
            return psycopg.connect(url, autocommit=True)
        path = Path(self.environment["CLEWLINE_DATA_DIR"], "clewline.sqlite3")
        return sqlite3.connect(path, isolation_level=None, timeout=20)

    def start(self) -> None:
        for process in self.processes:
            process.launch()
        for process in self.processes:
            process.wait_ready()

    def close(self) -> None:
        for process in self.processes:
            if process.popen is not None and process.popen.poll() is None:
                process.popen.send_signal(signal.SIGCONT)
                process.popen.terminate()
        for process in self.processes:
            process.close()

    def logs(self) -> list[tuple[str, str]]:
        return [(p.name, p.tail()) for p in self.processes]


class Topologies:
    """Makes installations for one test and ends them with it. Databases are copies of a migrated template."""

    def __init__(self, directory: Path, templates: "Templates") -> None:
        self.directory, self.templates = directory, templates
        self.running: list[Clewline] = []

    def embedded(
        self, *, server: ServerName = "daphne", store: Store = "sqlite", env: Mapping[str, str] | None = None,
        start: bool = True,
    ) -> Clewline:  # fmt: skip
        """One process. With ``store="postgres"`` its database is PostgreSQL, still without Redis."""
        clewline = self._prepare(store, dict(env or {}))
        clewline.webs.append(clewline.add("embedded", "serve", "--server", server, port=True))
        if start:
            clewline.start()
        return clewline

    def production(
        self, *, server: ServerName = "uvicorn", webs: int = 2, workers: int = 2,
        env: Mapping[str, str] | None = None, start: bool = True,
    ) -> Clewline:  # fmt: skip
        """PostgreSQL and Redis, and each role as processes of its own."""
        redis = self.templates.redis()
        redis.flush()
        extra = {
            "CLEWLINE_REDIS_URL": redis.url,
            "CLEWLINE_SECRET_KEY": "only-for-tests-0123456789-abcdefghijklmnopqrstuvwxyz-0123456789",
            "CLEWLINE_ALLOWED_HOSTS": "127.0.0.1,localhost",
            "CLEWLINE_HTTPS": "0",
            "CLEWLINE_STATIC_ROOT": str(self.templates.static_root()),
            "CLEWLINE_LOG_JSON": "0",
            **(env or {}),
        }
        clewline = self._prepare("postgres", extra)
        clewline.redis = redis
        for n in range(1, webs + 1):
            clewline.webs.append(
                clewline.add(f"web-{n}", "serve", "--server", server, "--web-only", port=True)
            )
        for n in range(1, workers + 1):
            clewline.workers.append(clewline.add(f"worker-{n}", "worker", "--name", f"worker-{n}"))
        clewline.beat = clewline.add("beat", "worker", "--beat-only")
        if start:
            clewline.start()
        return clewline

    def _prepare(self, store: Store, extra: dict[str, str]) -> Clewline:
        directory = self.directory / f"clewline-{len(self.running) + 1}"
        data = directory / "data"
        data.mkdir(parents=True)
        if store == "postgres":
            extra["CLEWLINE_DATABASE_URL"] = self.templates.postgres_copy()
        else:
            shutil.copy(self.templates.sqlite(), data / "clewline.sqlite3")
        clewline = Clewline(base_environment(data, extra), directory)
        clewline.postgres = self.templates.postgres() if store == "postgres" else None
        self.running.append(clewline)
        return clewline

    def close(self) -> None:
        for clewline in self.running:
            clewline.close()
            if clewline.postgres is not None:
                clewline.postgres.drop_database(
                    clewline.environment["CLEWLINE_DATABASE_URL"].rpartition("/")[2]
                )

    def logs(self) -> list[tuple[str, str]]:
        return [entry for clewline in self.running for entry in clewline.logs()]


class Templates:
    """The migrated databases that tests copy, and the services, each made when it is first asked for."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self._sqlite: Path | None = None
        self._postgres: PostgreSQL | None = None
        self._migrated = False
        self._redis: RedisServer | None = None
        self._static: Path | None = None

    def postgres(self) -> PostgreSQL:
        if self._postgres is None:
            self._postgres = PostgreSQL()
        return self._postgres

    def redis(self) -> RedisServer:
        if self._redis is None:
            self._redis = RedisServer()
        return self._redis

    def sqlite(self) -> Path:
        if self._sqlite is None:
            data = self.directory / "template"
            data.mkdir()
            manage(base_environment(data, {}), "migrate", "--run-syncdb", "-v", "0")
            with sqlite3.connect(data / "clewline.sqlite3") as connection:
                connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            connection.close()
            self._sqlite = data / "clewline.sqlite3"
        return self._sqlite

    def postgres_copy(self) -> str:
        """The URL of a fresh migrated database."""
        server = self.postgres()
        if not self._migrated:
            data = self.directory / "template-pg"
            data.mkdir()
            url = server.create_database("template_clewline")
            manage(
                base_environment(data, {"CLEWLINE_DATABASE_URL": url}), "migrate", "--run-syncdb", "-v", "0"
            )
            self._migrated = True
        return server.create_database(f"clewline_{uuid.uuid4().hex[:12]}", template="template_clewline")

    def static_root(self) -> Path:
        """What collectstatic makes for production, once."""
        if self._static is None:
            root = self.directory / "static"
            data = self.directory / "template-static"
            data.mkdir()
            environment = base_environment(
                data,
                {
                    "CLEWLINE_PROFILE": "production",
                    "CLEWLINE_SECRET_KEY": "only-for-collectstatic-0123456789-abcdefghijklmnopqrstuvwxyz",
                    "CLEWLINE_STATIC_ROOT": str(root),
                },
            )
            manage(environment, "collectstatic", "--noinput", "-v", "0", "--skip-checks")
            self._static = root
        return self._static

    def close(self) -> None:
        for service in (self._postgres, self._redis):
            if service is not None:
                service.close()

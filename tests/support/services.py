"""PostgreSQL and Redis, started from local binaries on free ports, in a directory of their own."""

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
from pathlib import Path
from typing import Any

import psycopg
from redis import Redis
from redis.exceptions import ConnectionError as RedisConnectionError

from tests.support.ports import free_port, until
from tests.support.requirements import need


def _unprivileged() -> dict[str, Any]:
    """PostgreSQL refuses to run as root: Popen arguments that drop to another account then."""
    if os.geteuid() != 0:
        return {}
    for name in ("postgres", "nobody"):
        try:
            account = pwd.getpwnam(name)
        except KeyError:
            continue
        return {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []}
    raise RuntimeError("neither the account postgres nor nobody exists to run PostgreSQL")


class PostgreSQL:
    """One cluster with fsync on. ``kill(SIGQUIT)`` is the immediate stop, after which ``start`` recovers."""

    def __init__(self) -> None:
        self.binaries = need("postgres")
        self.account = _unprivileged()
        self.port = free_port()
        self.directory = Path(tempfile.mkdtemp(prefix="clewline-pg-"))
        if self.account:
            os.chown(self.directory, self.account["user"], self.account["group"])
        subprocess.run(
            [self.binaries / "initdb", "-D", self.directory / "data", "-U", "clewline", "--auth=trust",
             "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync"],
            check=True, stdout=subprocess.DEVNULL, cwd=self.directory, **self.account,
        )  # fmt: skip
        self.process: subprocess.Popen[bytes] | None = None
        self.start()

    def start(self) -> None:
        with (self.directory / "log").open("ab") as log:
            self.process = subprocess.Popen(
                [self.binaries / "postgres", "-D", self.directory / "data", "-k", self.directory,
                 "-p", str(self.port),
                 "-c", "listen_addresses=127.0.0.1", "-c", "max_connections=300", "-c", "fsync=on",
                 "-c", "synchronous_commit=on", "-c", "shared_buffers=64MB"],
                stdout=log, stderr=log, cwd=self.directory, **self.account,
            )  # fmt: skip
        until(self._answers, timeout=30, what="PostgreSQL answers")

    def _answers(self) -> bool:
        assert self.process is not None
        if self.process.poll() is not None:
            raise RuntimeError(f"PostgreSQL ended:\n{(self.directory / 'log').read_text()[-3000:]}")
        try:
            psycopg.connect(self.url("postgres"), connect_timeout=2).close()
        except psycopg.OperationalError:
            return False
        return True

    def url(self, database: str) -> str:
        return f"postgresql://clewline@127.0.0.1:{self.port}/{database}"

    def execute(self, sql: str) -> None:
        """Outside a transaction, as CREATE DATABASE wants it. ``sql`` comes from the tests themselves."""
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            connection.execute(sql)  # type: ignore[call-overload]

    def create_database(self, name: str, *, template: str = "template1") -> str:
        """Its URL."""
        self.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
        return self.url(name)

    def drop_database(self, name: str) -> None:
        self.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')

    def kill(self, number: int = signal.SIGQUIT) -> None:
        assert self.process is not None
        self.process.send_signal(number)
        self.process.wait(30)

    def close(self) -> None:
        if self.process is not None and self.process.poll() is None:
            self.kill(signal.SIGINT)
        shutil.rmtree(self.directory, ignore_errors=True)


class RedisServer:
    def __init__(self) -> None:
        self.binary = need("redis")
        self.port = free_port()
        self.directory = Path(tempfile.mkdtemp(prefix="clewline-redis-"))
        self.url = f"redis://127.0.0.1:{self.port}/0"
        self.process: subprocess.Popen[bytes] | None = None
        self.start()

    def start(self) -> None:
        with (self.directory / "log").open("ab") as log:
            self.process = subprocess.Popen(
                [self.binary, "--port", str(self.port), "--bind", "127.0.0.1", "--save", "",
                 "--appendonly", "no"],
                stdout=log, stderr=log, cwd=self.directory,
            )  # fmt: skip
        until(self._answers, timeout=15, what="Redis answers")

    def _answers(self) -> bool:
        assert self.process is not None
        if self.process.poll() is not None:
            raise RuntimeError(f"Redis ended:\n{(self.directory / 'log').read_text()[-2000:]}")
        with Redis.from_url(self.url) as client:
            try:
                return bool(client.ping())
            except RedisConnectionError:
                return False

    def flush(self) -> None:
        with Redis.from_url(self.url) as client:
            client.flushall()

    def kill(self, number: int = signal.SIGKILL) -> None:
        assert self.process is not None
        self.process.send_signal(number)
        self.process.wait(15)

    def close(self) -> None:
        if self.process is not None and self.process.poll() is None:
            self.kill()
        shutil.rmtree(self.directory, ignore_errors=True)

"""The processes themselves: they start, answer, refuse what would go wrong, and stop cleanly."""

import json
import signal
import subprocess
import sys
import time
from pathlib import Path

import httpx
import pytest

from tests.support.ports import until
from tests.support.topology import ROOT, ServerName, Topologies

SERVERS: list[ServerName] = ["daphne", "uvicorn"]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("server", SERVERS)
def test_embedded_answers_and_stops_cleanly(topology: Topologies, server: ServerName, number: int) -> None:
    clewline = topology.embedded(server=server)
    assert httpx.get(f"{clewline.url}/health/ready").json() == {"status": "ok", "database": "ok"}
    page = httpx.get(f"{clewline.url}/accounts/login/")
    assert page.status_code == 200
    assert "script-src 'self';" in page.headers["content-security-policy"] + ";"
    assert "server" not in page.headers
    style = httpx.get(f"{clewline.url}/static/admin/css/base.css", headers={"accept-encoding": "identity"})
    assert style.status_code == 200
    assert len(style.content) == int(style.headers["content-length"])
    again = httpx.get(
        f"{clewline.url}/static/admin/css/base.css", headers={"if-none-match": style.headers["etag"]}
    )
    assert again.status_code == 304

    # A connection that idles at the end does not hold the server up.
    with httpx.Client() as idle:
        assert idle.get(f"{clewline.url}/health/live").status_code == 200
        assert clewline.web.kill(number) == 0
    assert "Traceback" not in clewline.web.tail()


def test_second_server_on_the_same_data_is_refused(topology: Topologies) -> None:
    clewline = topology.embedded()
    second = subprocess.run(
        [sys.executable, "manage.py", "serve", "--port", "0"],
        cwd=ROOT, env=clewline.environment, capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip
    assert second.returncode == 1
    assert (
        f"already runs on {clewline.environment['CLEWLINE_DATA_DIR']} (process {clewline.web.pid})"
        in second.stderr
    )


def test_a_taken_port_is_named(topology: Topologies) -> None:
    clewline = topology.embedded()
    other = topology.embedded(start=False)
    second = subprocess.run(
        [sys.executable, "manage.py", "serve", "--port", str(clewline.web.port)],
        cwd=ROOT, env=other.environment, capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip
    assert second.returncode == 1
    assert f"Cannot listen on 127.0.0.1:{clewline.web.port}" in second.stderr
    assert "PORT=8001" in second.stderr


@pytest.mark.parametrize("server", SERVERS)
def test_production_topology(topology: Topologies, server: ServerName) -> None:
    clewline = topology.production(server=server)
    for web in clewline.webs:
        assert httpx.get(f"{web.url}/health/ready").json() == {
            "status": "ok",
            "database": "ok",
            "redis": "ok",
        }
    manifest = json.loads(Path(clewline.environment["CLEWLINE_STATIC_ROOT"], "staticfiles.json").read_text())
    style = httpx.get(f"{clewline.url}/static/{manifest['paths']['admin/css/base.css']}")
    assert style.status_code == 200
    assert "immutable" in style.headers["cache-control"]
    for worker in clewline.workers:
        assert "ran a task" in clewline.manage("worker_health", "--name", worker.name)

    for process in clewline.processes:
        assert process.kill(signal.SIGTERM) == 0, process.tail()


def test_readiness_follows_redis(topology: Topologies) -> None:
    clewline = topology.production(webs=1, workers=0)
    assert clewline.redis is not None
    clewline.redis.kill()
    try:
        answer = httpx.get(f"{clewline.url}/health/ready", timeout=10)
        assert (answer.status_code, answer.json()["redis"]) == (503, "unavailable")
        assert httpx.get(f"{clewline.url}/health/live").status_code == 200
    finally:
        clewline.redis.start()
    assert httpx.get(f"{clewline.url}/health/ready", timeout=10).status_code == 200


def test_worker_without_redis_says_where_the_worker_is(topology: Topologies) -> None:
    clewline = topology.embedded(start=False)
    done = subprocess.run(
        [sys.executable, "manage.py", "worker"],
        cwd=ROOT, env=clewline.environment, capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip
    assert done.returncode == 1
    assert "CLEWLINE_REDIS_URL" in done.stderr


def test_embedded_worker_announces_its_end_and_finishes_its_task(topology: Topologies) -> None:
    """Run leases are handed back on ``worker_shutting_down``; a task under way is not cut."""
    clewline = topology.embedded(start=False)
    said = clewline.shell("""
from threading import Event
from celery import shared_task
from celery.signals import worker_shutting_down
from config.celery import app
from config.embedded import Background

begun, announced = Event(), Event()

@app.task(name="test.slow")
def slow():
    begun.set()
    assert announced.wait(10)
    print("finished")

@worker_shutting_down.connect(weak=False)
def on_end(**_):
    print("announced")
    announced.set()

background = Background(app)
background.start()
slow.delay()
assert begun.wait(10)
background.stop()
print("stopped")
""")
    assert said.split() == ["announced", "finished", "stopped"]


def test_workers_outlive_redis(topology: Topologies) -> None:
    clewline = topology.production(webs=0, workers=1)
    worker, redis = clewline.workers[0], clewline.redis
    assert redis is not None
    notes = Path(clewline.environment["CLEWLINE_DATA_DIR"], "health")
    until(lambda: notes.is_dir() and any(notes.iterdir()), timeout=30, what="the worker consumes")
    redis.kill()
    until(lambda: "Error" in worker.tail(), timeout=30, what="the worker notices")
    redis.start()
    restarted = time.time()
    until(
        lambda: any(note.stat().st_mtime > restarted for note in notes.iterdir()),
        timeout=60, what="the worker consumes again",
    )  # fmt: skip
    assert all(process.popen is not None and process.popen.poll() is None for process in clewline.processes)

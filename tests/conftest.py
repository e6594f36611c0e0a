"""Shared fixtures.

Tests run in this process on a SQLite file; ``--db=postgres`` runs the same ones on a PostgreSQL started for
them. ``topology`` starts Clewline as real processes, ``postgres`` and ``redis`` the services alone,
``browser`` Chromium.
"""

import shutil
import tempfile
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import connections

from config import database
from tests.support import requirements
from tests.support.services import PostgreSQL, RedisServer
from tests.support.topology import Templates, Topologies

SERVICE_MARKS = {
    "topology": "processes",
    "browser": "browser",
    "page": "browser",
    # Whoever reaches the database through a fixture, and not by the mark django_db, runs on both stores as well.
    "db": "database",
    "transactional_db": "database",
}


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--db",
        choices=["sqlite", "postgres"],
        default="sqlite",
        help="the store of in-process tests, and of the server that browsers see",
    )
    parser.addoption(
        "--server", choices=["daphne", "uvicorn"], default="daphne", help="the server that browsers see"
    )


def pytest_configure(config: pytest.Config) -> None:
    """Nothing is written to the installation's own data directory, and two test runs never meet."""
    config.addinivalue_line("markers", "processes: starts Clewline as real processes")
    config.addinivalue_line("markers", "browser: drives Chromium")
    config.addinivalue_line(
        "markers", "thorough: takes half a minute or more; CI runs it, make test does not"
    )
    config.addinivalue_line("markers", "database: needs the database, so it runs on each store")
    data = Path(tempfile.mkdtemp(prefix="clewline-test-"))
    config.add_cleanup(lambda: shutil.rmtree(data, ignore_errors=True))
    settings.DATA_DIR = data
    settings.EMAIL_FILE_PATH = data / "mail"
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]  # the real one costs 0.2 s
    controls_workers = getattr(config.option, "numprocesses", None) and not hasattr(config, "workerinput")
    if config.getoption("--db") == "postgres" and not controls_workers:
        if requirements.find("postgres") is None:
            pytest.exit(f"postgres is missing: {requirements.GET['postgres']}", returncode=1)
        server = PostgreSQL()
        config.add_cleanup(server.close)
        _use(database.postgresql(server.url("postgres"), pool_size=0))
        settings.DATABASE_URL = server.url("postgres")
        config.option.reuse_db = True  # the whole server goes away; no need to drop under open connections
    else:
        _use(database.sqlite(data / "clewline.sqlite3", synchronous=database.Synchronous.NORMAL))


def _use(configuration: dict[str, Any]) -> None:
    connections.close_all()
    if hasattr(connections._connections, "default"):  # type: ignore[attr-defined]
        del connections["default"]
    settings.DATABASES = {"default": configuration}
    connections.__dict__.pop("settings", None)
    connections._settings = None  # type: ignore[attr-defined]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        for fixture, mark in SERVICE_MARKS.items():
            if fixture in getattr(item, "fixturenames", ()):
                item.add_marker(mark)
        if item.get_closest_marker("django_db"):
            item.add_marker("database")


@pytest.fixture(autouse=True)
def registered_agents() -> Iterator[None]:
    """What a test registers is gone with it."""
    from sessions_app.runs import agents  # noqa: PLC0415  models are not loaded yet when this file is

    before = dict(agents._agents)
    yield
    agents._agents.clear()
    agents._agents.update(before)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    topologies = getattr(item, "funcargs", {}).get("topology")
    if report.failed and topologies is not None:
        report.sections += [(f"log of {name}", text) for name, text in topologies.logs()]
    return report


@pytest.fixture(scope="session")
def templates(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Templates]:
    made = Templates(tmp_path_factory.mktemp("templates"))
    yield made
    made.close()


@pytest.fixture
def topology(tmp_path: Path, templates: Templates) -> Iterator[Topologies]:
    made = Topologies(tmp_path, templates)
    yield made
    made.close()


@pytest.fixture
def postgres(templates: Templates) -> PostgreSQL:
    """A PostgreSQL server; ``postgres.create_database(name)`` gives a URL."""
    return templates.postgres()


@pytest.fixture
def redis(templates: Templates) -> RedisServer:
    """An emptied Redis; ``redis.url``."""
    server = templates.redis()
    server.flush()
    return server


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """Chromium for one module: while Playwright runs, its event loop stands in the way of asynchronous tests.

    ``browser.new_context()`` is one device.
    """
    playwright = pytest.importorskip(
        "playwright.sync_api", reason="playwright is missing: make test installs it"
    )
    assert playwright
    from tests.support.browser import chromium  # noqa: PLC0415  # installed with the group "browser" only

    with chromium() as launched:
        yield launched


@pytest.fixture
def axe() -> str:
    """The source of axe-core, for ``page.evaluate(axe)``."""
    requirements.need("node")
    return (requirements.JS / "node_modules" / "axe-core" / "axe.min.js").read_text()


@pytest.fixture(autouse=True)
def whose_approval_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Everybody's: most people of these tests are actors without an account. Where accounts matter, this is overridden."""
    from sessions_app.control import answer  # noqa: PLC0415  Django is set up only when tests run

    monkeypatch.setattr(answer, "_approvers", [])

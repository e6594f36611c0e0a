from collections.abc import Iterator
from typing import Any

import pytest

from tests.browser.people import Chat, Site
from tests.support.topology import Templates, Topologies


@pytest.fixture(scope="session")
def site(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, templates: Templates
) -> Iterator[Site]:
    """One embedded server; each test makes chats of its own. Leases are short, for takeovers."""
    made = Topologies(tmp_path_factory.mktemp("site"), templates)
    try:
        option = request.config.getoption
        env = {"CLEWLINE_LEASE_SECONDS": "3", "CLEWLINE_EXTRA_APPS": "tests.browser"}
        yield Site(made.embedded(server=option("--server"), store=option("--db"), env=env))
    finally:
        made.close()


@pytest.fixture
def device(browser: Any, site: Site) -> Iterator[Any]:
    """``device()`` is one more device of Mia's. At the end none may have seen an error or called a foreign host."""
    made = []

    def one(name: str = "mia", **options: Any) -> Any:
        made.append(site.device(browser, name, **options))
        return made[-1]

    yield one
    problems = [problem for context in made for problem in context.problems]
    for context in made:
        context.close()
    assert problems == []


@pytest.fixture
def begun(device: Any) -> Any:
    """``begun("text")`` is a chat on a fresh device that waits for its agent."""
    return lambda text="Which deals close this month?", **options: Chat.begin(device(**options), text)

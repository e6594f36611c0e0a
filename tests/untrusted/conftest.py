from collections.abc import Iterator
from typing import Any

import pytest

from tests.browser.people import Site
from tests.support.topology import Templates, Topologies
from tests.untrusted.obedient import Server
from tests.untrusted.world import World, prepared


@pytest.fixture(scope="session")
def world(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, templates: Templates
) -> Iterator[World]:
    """One installation with the obedient model, and what outsiders wrote in the systems that it is connected to."""
    folder = tmp_path_factory.mktemp("systems")
    model = Server()
    made = Topologies(tmp_path_factory.mktemp("untrusted"), templates)
    try:
        env = {
            "CLEWLINE_ANTHROPIC_API_KEY": "",
            "CLEWLINE_ANTHROPIC_BASE_URL": model.url,
            "CLEWLINE_EXTRA_APPS": "tests.untrusted",
            "UNTRUSTED_DATA": str(folder),
        }
        clewline = made.embedded(server=request.config.getoption("--server"), env=env)
        yield prepared(clewline, folder, model.mind)
    finally:
        made.close()
        model.close()


@pytest.fixture
def device(browser: Any, world: World) -> Iterator[Any]:
    """Ann's browser. Any script error, dialog, refused policy or request to another host ends the test."""
    site = Site.__new__(Site)
    site.clewline, site.made = world.clewline, {"ann": world.made["people"]["ann"]}
    context = site.device(browser, "ann")
    yield context
    problems = list(context.problems)
    context.close()
    assert problems == []

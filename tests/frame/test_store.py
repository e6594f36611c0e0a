"""In-process tests run on the store that was asked for, apart from the installation's own data."""

import pytest
from django.conf import settings
from django.contrib.auth import get_user_model
from django.db import connection

from config.env import BASE_DIR


@pytest.mark.django_db
def test_store_is_the_one_asked_for(pytestconfig: pytest.Config) -> None:
    wanted = {"sqlite": "sqlite", "postgres": "postgresql"}[pytestconfig.getoption("--db")]
    assert connection.vendor == wanted
    assert get_user_model().objects.count() == 0
    assert BASE_DIR not in settings.DATA_DIR.parents
    if wanted == "sqlite":
        assert str(settings.DATA_DIR) in str(connection.settings_dict["NAME"])
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA journal_mode")
            assert cursor.fetchone() == ("wal",)


@pytest.mark.django_db(transaction=True)
async def test_asynchronous_queries() -> None:
    assert await get_user_model().objects.acount() == 0

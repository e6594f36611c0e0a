"""The product's settings with the open mount in place of its pages."""

from config.settings import *  # noqa: F403

ROOT_URLCONF = "tests.conformance.urls"

#!/usr/bin/env python3
"""Django's command line, with Clewline's settings."""

import os
import sys

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.management import execute_from_command_line
from environs import EnvError

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    try:
        settings.INSTALLED_APPS  # noqa: B018  # loads the settings
    except (EnvError, ImproperlyConfigured) as error:
        sys.exit(f"Clewline cannot start: {error}")
    execute_from_command_line(sys.argv)

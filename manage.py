#!/usr/bin/env python
"""Entry point of every management command."""

import os
import sys

from django.core.exceptions import ImproperlyConfigured
from django.core.management import execute_from_command_line

from sitecluster.postgres.errors import PostgresError
from sitecluster.project.errors import ConfigError

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "sitecluster.project.settings")
    try:
        execute_from_command_line(sys.argv)
    except (ConfigError, ImproperlyConfigured, PostgresError) as error:
        sys.exit(str(error))

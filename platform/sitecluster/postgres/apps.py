"""Registers the management command `postgres`."""

from django.apps import AppConfig


class PostgresConfig(AppConfig):
    """Has no models: the database server itself is the subject."""

    name = "sitecluster.postgres"
    label = "server"  # django.contrib.postgres is called postgres

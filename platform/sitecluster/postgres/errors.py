"""What can go wrong with the database server, each as one sentence.

Settings import this package, so its sentences are translated only on demand.
"""

from django.utils.translation import gettext


def gettext_noop(message: str) -> str:
    """Mark `message` for the catalogue without touching Django's settings (Django's own does)."""
    return message


class PostgresError(Exception):
    """A sentence about the server: an English template, and the values that stand in it."""

    def __init__(self, template: str, **values: object) -> None:
        """Take a template with %(name)s places, marked by `gettext_noop`, and their values."""
        super().__init__(template % values)
        self.template = template
        self.values = values

    def translated(self) -> str:
        """Return the sentence in the active language; needs configured settings."""
        return gettext(self.template) % self.values


class ServerUnfit(PostgresError):
    """The server that DATABASE_URL names can't carry the platform."""


class DatabaseUrlError(PostgresError):
    """DATABASE_URL can't be read. The sentence never holds a part of the URL."""

"""The database role of the web processes, where they have one of their own (docs/audit.md)."""

from collections.abc import Mapping

from sitecluster.postgres.errors import DatabaseUrlError
from sitecluster.postgres.url import parse_database_url

from .config import Config
from .errors import ConfigError


def web_role(config: Config) -> str:
    """The role that ``WEB_DATABASE_URL`` names, or "" without one; raises `ConfigError`."""
    if not config.web_database_url:
        return ""
    if not config.database_url:
        raise ConfigError("WEB_DATABASE_URL needs DATABASE_URL: the embedded server has one role.")
    try:
        role: str = parse_database_url(config.web_database_url)["USER"]
    except DatabaseUrlError as error:
        raise ConfigError(str(error).replace("DATABASE_URL", "WEB_DATABASE_URL")) from None
    if role in ("", parse_database_url(config.database_url)["USER"]):
        raise ConfigError("WEB_DATABASE_URL must name a user, and another one than DATABASE_URL.")
    return role


def web_environment(environ: Mapping[str, str]) -> dict[str, str]:
    """The environment for a web process: it knows the URL of its own role and no other."""
    own = dict(environ)
    url = own.pop("WEB_DATABASE_URL", "")
    return {**own, "DATABASE_URL": url} if url else own

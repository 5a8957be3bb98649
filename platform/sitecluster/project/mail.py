"""Where mails go: to the server of EMAIL_URL or, without one, into a folder."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from django.conf import settings
from django.core.mail.backends import filebased

from .errors import ConfigError

PORTS = {"smtp": 25, "smtp+tls": 587, "smtps": 465}


@dataclass(frozen=True)
class MailServer:
    """A mail server; ``tls`` means STARTTLS, ``ssl`` an encrypted connection from the start."""

    host: str
    port: int
    user: str = ""
    password: str = ""
    tls: bool = False
    ssl: bool = False


def mail_server(url: str) -> MailServer | None:
    """The server that EMAIL_URL names, or None for an empty one.

    Raises `ConfigError`, which quotes nothing of the URL, since it holds a password.
    """
    if not url:
        return None
    try:
        parts = urlsplit(url)
        port = parts.port or PORTS[parts.scheme]
    except (KeyError, ValueError):
        parts = urlsplit("")
    if not parts.hostname:
        raise ConfigError(
            "EMAIL_URL must look like smtp://user:password@host:port, smtp+tls://... or smtps://..."
        )
    return MailServer(
        parts.hostname,
        port,
        unquote(parts.username or ""),
        unquote(parts.password or ""),
        tls=parts.scheme == "smtp+tls",
        ssl=parts.scheme == "smtps",
    )


class FolderBackend(filebased.EmailBackend):
    """Keeps mails as files that only their owner reads: they hold links for new passwords."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        Path(settings.EMAIL_FILE_PATH).mkdir(mode=0o700, parents=True, exist_ok=True)
        super().__init__(*args, **kwargs)

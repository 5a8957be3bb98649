"""Where mails go, and that nobody else reads those kept on disk."""

from pathlib import Path
from typing import Any

import pytest
from django.core.mail import EmailMessage, get_connection

from sitecluster.project.errors import ConfigError
from sitecluster.project.mail import MailServer, mail_server


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("", None),
        ("smtp://mail.example.cn", MailServer("mail.example.cn", 25)),
        ("smtp+tls://a%40b:p%3Aw@mail", MailServer("mail", 587, "a@b", "p:w", tls=True)),
        ("smtps://a:b@mail:4650", MailServer("mail", 4650, "a", "b", ssl=True)),
    ],
)
def test_the_server_is_read_from_the_url(url: str, expected: MailServer | None) -> None:
    assert mail_server(url) == expected


@pytest.mark.parametrize("url", ["mail:25", "http://mail", "smtp://u:secret@:25", "smtp://m:port"])
def test_a_bad_url_is_refused_without_quoting_it(url: str) -> None:
    with pytest.raises(ConfigError, match="EMAIL_URL must look like") as refusal:
        mail_server(url)
    assert "secret" not in str(refusal.value)


def test_without_a_server_mails_are_files_of_their_owner(settings: Any, tmp_path: Path) -> None:
    settings.EMAIL_FILE_PATH = folder = tmp_path / "mail"
    backend = get_connection("sitecluster.project.mail.FolderBackend")
    EmailMessage("题目", "正文", "from@example.cn", ["to@example.cn"], connection=backend).send()
    (file,) = folder.iterdir()
    assert "to@example.cn" in file.read_text()
    assert folder.stat().st_mode & 0o777 == 0o700

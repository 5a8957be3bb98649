"""What the environment may say, and how a value that can't be used is refused."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from sitecluster.project.config import ROOT, Config, read, secret_key
from sitecluster.project.errors import ConfigError


def test_an_empty_environment_is_enough() -> None:
    assert read({}) == Config()
    assert read({"VAR_DIR": "", "DEBUG": ""}) == Config()


def test_values_are_typed() -> None:
    config = read(
        {"PUBLIC_SCHEME": "https", "PUBLIC_PORT": "443", "DEBUG": "1", "VAR_DIR": "/tmp/x"}
    )
    assert (config.port_suffix, config.debug) == ("", True)
    assert config.var_dir == Path("/tmp/x").resolve()
    assert read({"PUBLIC_PORT": "8080"}).port_suffix == ":8080"


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("PUBLIC_PORT", "eighty"),
        ("DEBUG", "perhaps"),
        ("PUBLIC_SCHEME", "ftp"),
        ("UPLOADS_DOMAIN", "admin.localhost"),
        ("UPLOADS_DOMAIN", "uploads.admin.localhost"),
        ("ADMIN_DOMAIN", "admin.uploads.localhost"),
        ("PASSWORD_MIN_LENGTH", "7"),
        ("PASSWORD_MIN_CLASSES", "5"),
        ("LOCKOUT_FAILURES", "0"),
        ("LOCKOUT_MINUTES", "0"),
        ("SESSION_IDLE_MINUTES", "0"),
        ("SESSION_HOURS", "0"),
        ("TRUSTED_PROXIES", "-1"),
    ],
)
def test_a_bad_value_is_refused_by_its_name(variable: str, value: str) -> None:
    with pytest.raises(ConfigError, match=variable):
        read({variable: value})


@pytest.mark.parametrize("domain", ["admin.jiaxian.gov.cn", "admin.notlocalhost"])
def test_a_trial_without_second_factor_is_for_one_machine(domain: str) -> None:
    trial = {"TRIAL_WITHOUT_SECOND_FACTOR": "1"}
    assert read({**trial, "ADMIN_DOMAIN": "admin.localhost"}).trial_without_second_factor
    with pytest.raises(ConfigError, match="TRIAL_WITHOUT_SECOND_FACTOR"):
        read({**trial, "ADMIN_DOMAIN": domain})


@pytest.mark.parametrize(
    ("variable", "value"), [("PUBLIC_PORT", "eighty"), ("DATABASE_URL", "mysql://a:secret@b/c")]
)
def test_a_bad_value_stops_the_start_with_one_sentence(variable: str, value: str) -> None:
    done = subprocess.run(
        [sys.executable, ROOT / "manage.py", "check"],
        env={**os.environ, variable: value},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert done.stderr.startswith(variable)
    assert len(done.stderr.splitlines()) == 1
    assert "secret" not in done.stderr


def test_the_key_is_made_once_and_kept_private(tmp_path: Path) -> None:
    config = Config(var_dir=tmp_path / "var")
    key = secret_key(config)
    assert len(key) > 50
    assert secret_key(config) == key
    assert (tmp_path / "var" / "secret-key").stat().st_mode & 0o777 == 0o600
    assert [path.name for path in (tmp_path / "var").iterdir()] == ["secret-key"]
    assert secret_key(Config(secret_key="own", var_dir=tmp_path)) == "own"

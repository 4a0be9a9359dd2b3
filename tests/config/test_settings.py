"""The site refuses to start without good secrets, and says how to make them."""

import base64
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

GOOD = {
    "SECRET_KEY": base64.b64encode(b"s" * 48).decode(),
    "PERSONAL_DATA_KEY": base64.b64encode(b"p" * 32).decode(),
}

NEEDED_BY_PYTHON = ("PATH", "LD_LIBRARY_PATH", "PYTHONPATH")


def read_settings(expression: str = "None", **variables: str) -> subprocess.CompletedProcess[str]:
    """Evaluate an expression on the settings, in a process that has only these variables."""
    code = f"from config import settings; print({expression})"
    kept = {name: os.environ[name] for name in NEEDED_BY_PYTHON if name in os.environ}
    environment = {**kept, "ENV_FILE": os.devnull, **variables}
    return subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("name", GOOD)
def test_a_missing_secret_is_named(name: str) -> None:
    result = read_settings(**{**GOOD, name: ""})
    assert result.returncode == 1
    assert f"ImproperlyConfigured: {name} is not set." in result.stderr


@pytest.mark.parametrize("name", GOOD)
def test_the_error_carries_a_command_that_makes_a_good_value(name: str) -> None:
    error = read_settings(**{**GOOD, name: ""}).stderr
    command = re.search(r'python (-c ".*?")', error)
    assert command
    made = subprocess.run([sys.executable, *shlex.split(command[1])], capture_output=True, text=True, check=True)
    assert read_settings(**{**GOOD, name: made.stdout.strip()}).returncode == 0


@pytest.mark.parametrize(("name", "size"), [("SECRET_KEY", 48), ("PERSONAL_DATA_KEY", 32)])
def test_the_secrets_of_debug_are_refused_without_debug(name: str, size: int) -> None:
    public = base64.b64encode(bytes(size)).decode()
    assert f"{name} is not set" in read_settings(**{**GOOD, name: public}).stderr


@pytest.mark.parametrize("value", ["not base64!", base64.b64encode(b"short").decode()])
def test_a_bad_key_for_personal_data_is_refused(value: str) -> None:
    result = read_settings(**{**GOOD, "PERSONAL_DATA_KEY": value})
    assert "ImproperlyConfigured: PERSONAL_DATA_KEY" in result.stderr


def test_debug_needs_no_secrets() -> None:
    assert read_settings("settings.PERSONAL_DATA_KEY", DEBUG="1").stdout.strip() == repr(bytes(32))


def test_https_is_on_unless_turned_off() -> None:
    flags = "settings.SECURE_SSL_REDIRECT, settings.SESSION_COOKIE_SECURE, settings.SECURE_HSTS_SECONDS > 0"
    assert read_settings(flags, **GOOD).stdout.strip() == "True True True"
    assert read_settings(flags, **GOOD, HTTPS="0").stdout.strip() == "False False False"


def test_a_header_of_a_proxy_is_believed_only_when_there_is_one() -> None:
    header = "settings.SECURE_PROXY_SSL_HEADER"
    assert read_settings(header, **GOOD).stdout.strip() == "None"
    assert "FORWARDED_PROTO" in read_settings(header, **GOOD, TRUSTED_PROXIES="1").stdout


def test_the_database_may_be_postgresql() -> None:
    parts = "settings.database['ENGINE'], settings.database['HOST'], settings.database['NAME']"
    url = "postgres://me:secret@db.example:5433/books"
    result = read_settings(parts, **GOOD, DATABASE_URL=url)
    assert result.stdout.split() == ["django.db.backends.postgresql", "db.example", "books"]


def test_the_environment_wins_over_the_file(tmp_path: Path) -> None:
    file = tmp_path / "env"
    file.write_text("DEBUG=1\nLOG_LEVEL=ERROR\nTHROTTLE_ANON=1/hour\n")
    rate = "settings.LOGGING['root']['level'], settings.REST_FRAMEWORK['DEFAULT_THROTTLE_RATES']['anon']"
    assert read_settings(rate, ENV_FILE=str(file), LOG_LEVEL="INFO").stdout.split() == ["INFO", "1/hour"]


@pytest.mark.parametrize(("text", "amount"), [("", "None"), ("1000", "Decimal('1000')"), ("99.50", "Decimal('99.50')")])
def test_above_which_amount_two_people_are_needed_is_a_setting(text: str, amount: str) -> None:
    result = read_settings("repr(settings.APPROVAL_ABOVE)", **GOOD, APPROVAL_ABOVE=text)
    assert result.stdout.strip() == amount


@pytest.mark.parametrize("text", ["a lot", "-1", "1e3", "NaN", "1.00001"])
def test_what_is_no_amount_is_refused(text: str) -> None:
    result = read_settings(**GOOD, APPROVAL_ABOVE=text)
    assert "APPROVAL_ABOVE must be an amount such as 1000 or 99.50" in result.stderr

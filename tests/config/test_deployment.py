"""What is deployed as documented passes Django's own checks, and whoever deviates is told what to do."""

import os
import stat
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client, override_settings
from django.utils.translation import override

from accounts.users.models import User
from config.checks import check_private_files
from config.private_files import PrivateConnection
from eventstore.checks import doctor
from eventstore.checks.doctor.findings import Level
from tests.config.test_settings import GOOD, NEEDED_BY_PYTHON
from tests.factories import PASSWORD, CustomerFactory

PUBLIC = {
    **GOOD,
    "ALLOWED_HOSTS": "bank.example",
    "SITE_URL": "https://bank.example",
    "EMAIL_URL": "smtp+tls://mail.example:587",
}


def manage(folder: Path, *words: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run a command on a database of its own, with the settings of production."""
    kept = {name: os.environ[name] for name in NEEDED_BY_PYTHON if name in os.environ}
    database = {"ENV_FILE": os.devnull, "DATABASE_URL": f"sqlite:///{folder}/books.sqlite3"}
    return subprocess.run(
        [sys.executable, str(settings.BASE_DIR / "manage.py"), *words],
        env={**kept, **database, **variables},
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_settings_of_production_pass_djangos_checks(tmp_path: Path) -> None:
    checked = manage(tmp_path, "check", "--deploy", "--fail-level", "WARNING", **PUBLIC)
    assert checked.returncode == 0, checked.stderr


def test_the_doctor_says_so_too(tmp_path: Path) -> None:
    assert "ok    security: The settings are fit for others to reach." in manage(tmp_path, "doctor", **PUBLIC).stdout


def test_without_https_the_doctor_says_what_to_do(tmp_path: Path) -> None:
    said = manage(tmp_path, "doctor", **PUBLIC, HTTPS="0").stdout
    assert "look  security: HTTPS is off" in said
    assert "→ Set HTTPS=1" in said
    assert "SILENCED_SYSTEM_CHECKS: security.W012" in said


def test_without_a_mail_server_the_doctor_says_what_to_do(tmp_path: Path) -> None:
    said = manage(tmp_path, "doctor", **{**PUBLIC, "EMAIL_URL": "", "SITE_URL": ""}).stdout
    assert "look  security: Not set: SITE_URL, EMAIL_URL." in said
    assert "→ Set what .env.example says under Mail." in said


def test_a_demo_on_this_machine_needs_no_https(tmp_path: Path) -> None:
    said = manage(tmp_path, "doctor", **GOOD, HTTPS="0").stdout
    assert "ok    security: The settings are fit for this machine alone." in said


def test_a_public_site_in_debug_is_found(tmp_path: Path) -> None:
    said = manage(tmp_path, "doctor", DEBUG="1", ALLOWED_HOSTS="*").stdout
    assert "security.W018" in said


def test_what_one_can_live_with_is_silenced(tmp_path: Path) -> None:
    checked = manage(
        tmp_path, "check", "--deploy", **PUBLIC, HSTS_INCLUDE_SUBDOMAINS="0", SILENCED_SYSTEM_CHECKS="security.W005"
    )
    assert "no issues" in checked.stdout + checked.stderr


def test_the_files_of_the_database_are_ours_alone(tmp_path: Path) -> None:
    file = tmp_path / "books.sqlite3"
    before = os.umask(0o022)
    try:
        open_one = PrivateConnection(str(file))
        open_one.execute("PRAGMA journal_mode = WAL")
        open_one.execute("CREATE TABLE books (id)")
    finally:
        os.umask(before)
    modes = {each.name: stat.S_IMODE(each.stat().st_mode) for each in tmp_path.iterdir()}
    assert modes == dict.fromkeys(("books.sqlite3", "books.sqlite3-wal", "books.sqlite3-shm"), 0o600)
    open_one.close()


def test_the_site_makes_its_database_so(tmp_path: Path) -> None:
    assert manage(tmp_path, "migrate", **PUBLIC).returncode == 0
    assert {stat.S_IMODE(each.stat().st_mode) for each in tmp_path.iterdir()} == {0o600}


def test_a_database_that_is_there_is_opened_as_it_is(tmp_path: Path) -> None:
    file = tmp_path / "books.sqlite3"
    file.touch(0o640)
    PrivateConnection(str(file)).close()
    assert stat.S_IMODE(file.stat().st_mode) == 0o640
    PrivateConnection(":memory:").close()
    assert not (tmp_path / ":memory:").exists()


@pytest.mark.parametrize(("mode", "is_found"), [(0o600, False), (0o400, False), (0o640, True), (0o604, True)])
def test_a_file_of_secrets_that_others_may_read_is_found(
    tmp_path: Path, settings: Any, mode: int, is_found: bool
) -> None:
    file = tmp_path / "env"
    file.touch()
    file.chmod(mode)
    settings.ENV_FILE = str(file)
    hints = [str(message.hint) for message in check_private_files(databases=["default"])]
    assert (f"Type: chmod 600 {file}" in hints) == is_found
    assert not check_private_files()


def test_a_file_of_root_may_be_read_by_our_group(
    tmp_path: Path, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "env"
    file.touch()
    file.chmod(0o640)
    settings.ENV_FILE = str(file)
    owner = file.stat().st_uid
    monkeypatch.setattr(os, "geteuid", lambda: owner + 1)
    assert not [message for message in check_private_files(databases=["default"]) if str(file) in message.msg]


@pytest.mark.sqlite
@pytest.mark.django_db
def test_the_doctor_names_a_database_that_others_may_read() -> None:
    file = Path(connection.settings_dict["NAME"])
    file.chmod(0o644)
    try:
        found = [finding for finding in doctor.examine() if str(file) in finding.says]
    finally:
        file.chmod(0o600)
    assert found
    assert {finding.level for finding in found} == {Level.LOOK}
    assert found[0].next == f"Type: chmod 600 {file}"


@pytest.fixture
def ada(db: None) -> User:
    """A customer."""
    return CustomerFactory.create()


OLD, NEW = "an older key of the site, with which Ada signed in", "the new key of the site, which Ada has never seen yet"


@pytest.mark.parametrize(("fallbacks", "status"), [([OLD], 200), ([], 302)])
def test_who_has_signed_in_stays_so_when_the_key_changes(ada: User, fallbacks: list[str], status: int) -> None:
    client = Client()
    with override_settings(SECRET_KEY=OLD):
        client.force_login(ada)
    with override_settings(SECRET_KEY=NEW, SECRET_KEY_FALLBACKS=fallbacks):
        assert client.get("/accounts").status_code == status


def test_every_cookie_is_kept_from_scripts_and_other_sites(ada: User) -> None:
    client = Client()
    with override("en"):
        client.get("/sign-in")
        client.post("/sign-in", {"username": ada.email, "password": PASSWORD})
        client.post("/i18n/setlang/", {"language": "en"})
        given = {name: cookie for name, cookie in client.cookies.items() if cookie.value}
        given |= {name: cookie for name, cookie in client.post("/sign-out").cookies.items() if cookie.value}
    names = [getattr(settings, f"{kind}_COOKIE_NAME") for kind in ("SESSION", "CSRF", "LANGUAGE", "MESSAGE")]
    assert set(names) <= given.keys()
    for name, cookie in given.items():
        flags = bool(cookie["httponly"]), cookie["samesite"], cookie["path"], cookie["domain"]
        assert flags == (True, "Strict" if name == settings.DEVICE_COOKIE_NAME else "Lax", "/", ""), name

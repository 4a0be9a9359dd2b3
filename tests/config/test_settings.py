"""The site refuses to start without good secrets, and says how to make them."""

import base64
import hashlib
import os
import re
import shlex
import subprocess
import sys
from ast import literal_eval
from pathlib import Path

import pytest

GOOD = {
    "SECRET_KEY": base64.b64encode(bytes(range(48))).decode(),
    "PERSONAL_DATA_KEY": base64.b64encode(bytes(range(200, 232))).decode(),
}

MAY_SAY_NOTHING = ("LOG_STATE_FILE", "SEAL_KEY_FILE", "SEAL_FILE")
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
    public = base64.b64encode(hashlib.shake_256(name.encode()).digest(size)).decode()
    assert f"{name} is not set" in read_settings(**{**GOOD, name: public}).stderr


def test_tokens_last_thirty_days_unless_the_site_says_otherwise() -> None:
    assert read_settings("settings.TOKEN_DAYS", **GOOD).stdout.strip() == "30"
    assert read_settings("settings.TOKEN_DAYS", **GOOD, TOKEN_DAYS="7").stdout.strip() == "7"


@pytest.mark.parametrize("days", ["0", "-1", "100000"])
def test_tokens_last_for_some_days_but_not_for_ever(days: str) -> None:
    assert "TOKEN_DAYS must be a number of days from 1 to 3650" in read_settings(**GOOD, TOKEN_DAYS=days).stderr


BAD_KEYS = {
    "correct horse battery staple!!": "is not base64",
    "abcdefghijklmnopqrstuvwxyz012345": "must hold 32 bytes, not 24",
    base64.b64encode(b"short").decode(): "must hold 32 bytes, not 5",
    base64.b64encode(b"correct horse battery staple and").decode(): "is text",
    base64.b64encode(bytes(32)).decode(): "repeats a few bytes",
    base64.b64encode(bytes(64)).decode(): "must hold 32 bytes, not 64",
}


@pytest.mark.parametrize("value", BAD_KEYS)
def test_a_bad_key_for_personal_data_is_refused_with_a_way_to_make_a_good_one(value: str) -> None:
    error = read_settings(**{**GOOD, "PERSONAL_DATA_KEY": value}).stderr
    assert f"ImproperlyConfigured: PERSONAL_DATA_KEY {BAD_KEYS[value]}" in error
    assert "base64.b64encode(os.urandom(32))" in error


def test_older_keys_are_a_list_and_may_be_weak() -> None:
    old = base64.b64encode(b"p" * 32).decode()
    result = read_settings("settings.PERSONAL_DATA_KEYS_OLD", **GOOD, PERSONAL_DATA_KEYS_OLD=f"{old},{old}")
    assert result.stdout.strip() == repr([b"p" * 32] * 2)


def test_a_file_or_a_provider_takes_the_place_of_the_key(tmp_path: Path) -> None:
    provider = "settings.PERSONAL_DATA_KEY_PROVIDER, settings.PERSONAL_DATA_KEY"
    without = {**GOOD, "PERSONAL_DATA_KEY": ""}
    assert read_settings(provider, **without, PERSONAL_DATA_KEY_FILE="/keys").stdout == "eventstore.keys.in_file None\n"
    assert read_settings(provider, **without, PERSONAL_DATA_KEY_PROVIDER="bank.kms").stdout == "bank.kms None\n"


def test_debug_needs_no_secrets() -> None:
    assert read_settings("len(settings.PERSONAL_DATA_KEY)", DEBUG="1").stdout.strip() == "32"


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


def test_threads_bound_those_that_wait() -> None:
    numbers = "settings.SITE_THREADS, settings.EVENTSTORE_MAX_WAITING, settings.BODY_SECONDS"
    assert read_settings(numbers, **GOOD).stdout.split() == ["4", "2", "20.0"]
    assert read_settings(numbers, **GOOD, SITE_THREADS="1", BODY_SECONDS="5").stdout.split() == ["1", "1", "5.0"]


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


def test_single_currencies_may_have_other_amounts() -> None:
    result = read_settings("repr(settings.APPROVAL_ABOVE_IN)", **GOOD, APPROVAL_ABOVE_IN="JPY:150000,BHD:400.5")
    assert result.stdout.strip() == "{'JPY': Decimal('150000'), 'BHD': Decimal('400.5')}"


@pytest.mark.parametrize("text", ["JPY", "JPY:", "jpy:1", "JPY:-1", "JPY:1e3", "JPY=1", "EURO:1"])
def test_what_is_no_amount_in_a_currency_is_refused(text: str) -> None:
    result = read_settings(**GOOD, APPROVAL_ABOVE_IN=text)
    assert "APPROVAL_ABOVE_IN must list amounts such as JPY:150000,BHD:400.5" in result.stderr


def test_staff_need_a_second_factor_unless_it_is_turned_off() -> None:
    assert read_settings("settings.STAFF_SECOND_FACTOR", **GOOD).stdout == "True\n"
    assert read_settings("settings.STAFF_SECOND_FACTOR", **GOOD, STAFF_SECOND_FACTOR="0").stdout == "False\n"
    assert read_settings("settings.STAFF_SECOND_FACTOR", DEBUG="1").stdout == "False\n"


@pytest.mark.parametrize(
    ("name", "expression", "default", "unit"),
    [
        ("FRESH_SIGN_IN_MINUTES", "settings.FRESH_SIGN_IN", 30, 60),
        ("STAFF_SESSION_HOURS", "settings.STAFF_SESSION[0]", 8, 3_600),
        ("STAFF_IDLE_MINUTES", "settings.STAFF_SESSION[1]", 60, 60),
        ("CUSTOMER_SESSION_HOURS", "settings.CUSTOMER_SESSION[0]", 24, 3_600),
        ("CUSTOMER_IDLE_MINUTES", "settings.CUSTOMER_SESSION[1]", 120, 60),
    ],
)
def test_times_of_sign_ins_are_settings(name: str, expression: str, default: int, unit: int) -> None:
    seconds = f"{expression}.total_seconds()"
    assert read_settings(seconds, **GOOD).stdout == f"{float(default * unit)}\n"
    assert read_settings(seconds, **GOOD, **{name: "3"}).stdout == f"{3.0 * unit}\n"
    assert f"{name} must be a number of" in read_settings(**GOOD, **{name: "0"}).stderr


def test_a_cookie_lasts_as_long_as_the_longest_session() -> None:
    assert read_settings("settings.SESSION_COOKIE_AGE", **GOOD, CUSTOMER_SESSION_HOURS="48").stdout == "172800\n"


MAIL = "settings.EMAIL_BACKEND.rpartition('.')[2], settings.DEFAULT_FROM_EMAIL, settings.MAIL_LACKS"


def test_without_https_mails_are_printed_and_lead_to_this_machine() -> None:
    assert read_settings(MAIL, **GOOD, HTTPS="0").stdout == "ConsoleMail Tidemark <no-reply@localhost> []\n"
    assert read_settings("settings.SITE_URL", **GOOD, HTTPS="0").stdout == "http://localhost:8000\n"


def test_with_https_mail_needs_an_address_of_the_site_and_a_server() -> None:
    assert read_settings("settings.MAIL_LACKS", **GOOD).stdout == "['SITE_URL', 'EMAIL_URL']\n"
    own = {"SITE_URL": "https://bank.example/", "EMAIL_URL": "smtp+tls://me:secret@mail.example:587"}
    assert read_settings(MAIL, **GOOD, **own).stdout == "EmailBackend Tidemark <no-reply@bank.example> []\n"
    server = "settings.SITE_URL, settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_USE_TLS"
    assert read_settings(server, **GOOD, **own).stdout == "https://bank.example mail.example 587 True\n"
    assert "Bank <us@bank.example>" in read_settings(MAIL, **GOOD, **own, MAIL_FROM="Bank <us@bank.example>").stdout


@pytest.mark.parametrize("url", ["bank.example", "ftp://bank.example", "http://bank.example", "https://bank.example/a"])
def test_what_is_no_address_of_a_site_is_refused(url: str) -> None:
    assert "SITE_URL must be an address such as https://bank.example" in read_settings(**GOOD, SITE_URL=url).stderr


WEAK_KEYS = {
    "short": "X5tq9" * 9 + "Zk2m",
    "repeats itself": "abcdefghijklmno" * 5,
    "repeats": "abcab" * 20,
    "django-insecure-": "django-insecure-" + base64.b64encode(bytes(range(48))).decode(),
}


@pytest.mark.parametrize("name", ["SECRET_KEY", "SECRET_KEYS_OLD"])
@pytest.mark.parametrize("key", WEAK_KEYS.values(), ids=WEAK_KEYS)
def test_a_key_that_can_be_guessed_is_refused(name: str, key: str) -> None:
    result = read_settings(**{**GOOD, name: key})
    assert result.returncode == 1
    assert f"ImproperlyConfigured: {name} " in result.stderr
    assert key not in result.stderr.splitlines()[-1]
    assert ("Make a value" if name == "SECRET_KEY" else "Take that key out") in result.stderr


def test_the_public_stand_in_is_no_old_key_either() -> None:
    stand_in = read_settings("settings.SECRET_KEY", DEBUG="1").stdout.strip()
    assert "SECRET_KEYS_OLD is the public stand-in" in read_settings(**GOOD, SECRET_KEYS_OLD=stand_in).stderr


def test_keys_of_other_makers_are_good_enough() -> None:
    for key in (
        "0123456789abcdef3c58e7190b62d4fa8e91c07d5b36f2a4e8c1",
        "k$3d!x(q8z_p-1v@m#c7&w^n2*b9)h5=j0+l6%t4g;r:f,s.y/u?e",
    ):
        assert read_settings(**{**GOOD, "SECRET_KEY": key}).returncode == 0


def test_older_keys_are_believed() -> None:
    old = base64.b64encode(bytes(range(100, 148))).decode()
    result = read_settings("settings.SECRET_KEY_FALLBACKS", **GOOD, SECRET_KEYS_OLD=f"{old},{old[::-1]}")
    assert result.stdout.strip() == str([old, old[::-1]])


COOKIES = ("SESSION", "CSRF", "LANGUAGE")


def test_cookies_are_bound_to_this_host_and_to_https() -> None:
    names = ", ".join(f"settings.{cookie}_COOKIE_NAME" for cookie in (*COOKIES, "MESSAGE"))
    assert all(name.startswith("__Host-") for name in read_settings(names, **GOOD).stdout.split())
    assert "__Host-" not in read_settings(names, **GOOD, HTTPS="0").stdout
    flags = ", ".join(f"settings.{cookie}_COOKIE_SECURE, settings.{cookie}_COOKIE_HTTPONLY" for cookie in COOKIES)
    assert set(read_settings(flags, **GOOD).stdout.split()) == {"True"}


def test_logs_may_be_lines_or_json() -> None:
    kind = "settings.LOGGING['formatters']['line']['kind']"
    assert read_settings(kind, **GOOD).stdout.strip() == "text"
    assert read_settings(kind, **GOOD, LOG_FORMAT="json").stdout.strip() == "json"
    assert "LOG_FORMAT must be one of text, json, not 'xml'." in read_settings(**GOOD, LOG_FORMAT="xml").stderr


def test_subdomains_are_covered_unless_they_have_no_https() -> None:
    flags = "settings.SECURE_HSTS_INCLUDE_SUBDOMAINS, settings.SECURE_HSTS_PRELOAD"
    assert read_settings(flags, **GOOD).stdout.strip() == "True False"
    assert read_settings(flags, **GOOD, HSTS_INCLUDE_SUBDOMAINS="0", HSTS_PRELOAD="1").stdout.strip() == "False True"


def test_a_variable_with_nothing_in_it_is_not_set() -> None:
    """So that `HTTPS=` does not switch HTTPS off, nor `SITE_THREADS=` keep the site from starting."""
    example = (Path(__file__).parents[2] / ".env.example").read_text()
    empty = dict.fromkeys(set(re.findall(r"^#([A-Z_]+)=", example, re.MULTILINE)) - {*GOOD}, "")
    assert len(empty) > 80
    said = {name: empty.pop(name) for name in [*empty] if name.startswith("THROTTLE_") or name in MAY_SAY_NOTHING}
    every = "{name: value for name, value in vars(settings).items() if name.isupper() and name != 'LANGUAGES'}"
    unset, found = read_settings(every, **GOOD), read_settings(every, **GOOD, **empty)
    assert found.returncode == 0, found.stderr
    assert re.sub(" at 0x[0-9a-f]+", "", found.stdout) == re.sub(" at 0x[0-9a-f]+", "", unset.stdout)
    none = "{*settings.ATTEMPT_RATES.values()}, settings.REST_FRAMEWORK['DEFAULT_THROTTLE_RATES']"
    assert read_settings(none, **GOOD, **said).stdout.strip() == "{''} {'anon': None, 'user': None}"
    files = "settings.LOG_STATE_FILE or settings.SEAL_KEY_FILE or settings.SEAL_FILE or 'none'"
    assert read_settings(files, **GOOD, **said, HTTPS="0").stdout.strip() == "none"


def test_how_often_one_may_guess_is_a_setting() -> None:
    rates = read_settings("settings.ATTEMPT_RATES", **GOOD).stdout
    assert "'sign_in': '10/min'" in rates
    assert "'sign_in_address': '300/hour'" in rates
    assert "'sign_in_account': '100/hour'" in rates
    assert "'email_taken': '30/hour'" in rates
    names = [*literal_eval(rates)]
    chosen = {f"THROTTLE_{name.upper()}": f"{number}/day" for number, name in enumerate(names)}
    assert read_settings("*settings.ATTEMPT_RATES.values()", **GOOD, **chosen).stdout.split() == [*chosen.values()]


@pytest.mark.parametrize(
    ("url", "entries"),
    [
        ("", "50000"),
        ("dbcache://counts", "50000"),
        ("locmemcache://?max_entries=9", "9"),
        ("rediscache://c:6379", "None"),
    ],
)
def test_a_cache_of_djangos_own_has_room_for_many_callers(url: str, entries: str) -> None:
    chosen = {"CACHE_URL": url} if url else {}
    result = read_settings("settings.CACHES['default'].get('OPTIONS', {}).get('MAX_ENTRIES')", **GOOD, **chosen)
    assert result.stdout.strip() == entries, result.stderr


def test_the_cookie_of_a_known_device_belongs_to_this_host_alone() -> None:
    assert read_settings("settings.DEVICE_COOKIE_NAME", **GOOD).stdout.strip() == "__Host-device"
    assert read_settings("settings.DEVICE_COOKIE_NAME", **GOOD, HTTPS="0").stdout.strip() == "device"


@pytest.mark.parametrize("text", ["ten a minute", "10", "10/week", "-1/min", "1e3/min", "10/min/min"])
def test_what_is_no_rate_is_refused(text: str) -> None:
    error = read_settings(**GOOD, THROTTLE_SIGN_IN=text).stderr
    assert f"ImproperlyConfigured: THROTTLE_SIGN_IN must be a rate such as 10/min, not {text!r}." in error


@pytest.mark.parametrize("text", ["", "10/m", "10/minute", "600/hour", "1/s", "9/day"])
def test_a_rate_may_be_none_or_be_spelled_out(text: str) -> None:
    assert read_settings("settings.ATTEMPT_RATES['sign_in']", **GOOD, THROTTLE_SIGN_IN=text).stdout.strip() == text


def test_what_is_asked_about_emails_is_throttled_as_the_environment_says() -> None:
    rates = "*(settings.ATTEMPT_RATES[f'email_{name}'] for name in ('change', 'link', 'claim'))"
    assert read_settings(rates, **GOOD).stdout.split() == ["10/hour", "5/hour", "20/hour"]
    result = read_settings(
        rates, **GOOD, THROTTLE_EMAIL_CHANGE="1/day", THROTTLE_EMAIL_LINK="", THROTTLE_EMAIL_CLAIM=""
    )
    assert result.stdout.split() == ["1/day"]


def test_a_log_level_is_one_that_there_is() -> None:
    assert read_settings("settings.LOGGING['root']['level']", **GOOD, LOG_LEVEL="ERROR").stdout.strip() == "ERROR"
    assert "LOG_LEVEL must be one of WARNING, DEBUG," in read_settings(**GOOD, LOG_LEVEL="loud").stderr

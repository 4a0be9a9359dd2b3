"""No log holds secrets or personal data, and nobody can forge a line, in either format."""

import io
import json
import logging
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client, override_settings
from django.test.utils import CaptureQueriesContext

from accounts.users.discretion import discreet
from accounts.users.models import User
from accounts.users.security_log import record
from tests.api.caller import Caller
from tests.factories import PASSWORD
from tests.security_log.conftest import Recorded

NAME = "Zaubernuss"
MARKS = (NAME, "quittenbaum", "Feuerdorn-password", PASSWORD, "c0ffee" * 6 + "beef")


def assert_discreet(text: str) -> None:
    """None of the marks is in a text."""
    assert text
    assert [mark for mark in MARKS if mark.lower() in text.lower()] == []


def test_no_door_writes_down_who_knocks_and_with_what(ada: User, auditor: User, written: io.StringIO) -> None:
    client = Client(raise_request_exception=False, headers={"User-Agent": NAME})
    typed = {"email": "quittenbaum@example.org", "password": "Feuerdorn-password", "name": NAME}
    for door in ("/sign-in", "/admin/login/", "/sign-up"):
        client.post(door, {**typed, "username": typed["email"], "command_id": uuid4()})
    stranger = Caller(client=client)
    stranger.post("token", {"email": typed["email"], "password": typed["password"]}, key=None)
    stranger.post("customers", typed)
    Caller("c0ffee" * 6 + "beef", client).get("customers", q=NAME)
    Caller.of(ada).post("token", {"email": ada.email, "password": PASSWORD}, key=None)
    Caller.of(ada).get("customers", q="quittenbaum@example.org")
    Caller.of(ada).get(f"commands/{NAME}")
    Caller.of(auditor).get("customers", q=NAME)
    Caller.of(auditor).get(f"commands/{NAME}")
    staff = Client()
    staff.force_login(auditor)
    staff.get(f"/admin/projections/customer/?q={NAME}")
    staff.get(f"/admin/accounts/user/?q={ada.email}")
    staff.get(f"/admin/actions/{NAME.lower()}/{uuid4()}/")
    Client(enforce_csrf_checks=True, headers={"Referer": f"https://x.example/?q={NAME}"}).post("/sign-in", typed)
    Client(enforce_csrf_checks=True, headers={"Origin": f"https://{NAME}.example"}).post("/sign-in", typed)
    assert_discreet(written.getvalue())


def test_an_error_tells_where_it_was_met_and_not_of_whom(
    ada: User, written: io.StringIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: Any, **__: Any) -> None:
        name, password = NAME, PASSWORD  # as a traceback with local variables would show
        raise ValueError(f"Key (email)=(quittenbaum@example.org) exists already, for {len(name + password)} reasons.")

    monkeypatch.setattr("projections.queries.customer", fail)
    Caller.of(ada)
    client = Client(raise_request_exception=False)
    assert Caller(Caller.of(ada).token, client).get("me", q="x").status in {400, 500}
    assert Caller(Caller.of(ada).token, client).get("me").status == 500
    assert "Traceback" in written.getvalue()
    assert "ValueError: Key" in written.getvalue()
    assert_discreet(written.getvalue())


@pytest.mark.parametrize(
    "name", ["password", "new_password1", "otp", "token", "Authorization", "session_key", "email", "name", "secret"]
)
def test_a_secret_is_known_by_its_name(name: str) -> None:
    assert discreet({name: "anything"}) == {name: "[hidden]"}


@pytest.mark.parametrize("name", ["token_id", "session_id", "customer_id", "actor", "role", "code", "factor"])
def test_an_id_is_none(name: str) -> None:
    assert discreet({name: "anything"}) == {name: "anything"}


@pytest.mark.parametrize(
    "text",
    ["ada@example.org", "a+b@例え.jp", "'ada@example.org'", "?q=ada%40example.org", "mailto:ada@b", "x ada@b.c y"],
)
def test_an_email_is_known_wherever_it_stands(text: str) -> None:
    found = discreet([{"said": text}])
    assert "ada" not in str(found)
    assert "[e-mail]" in str(found)


EVIL = (
    "x\r\n2026-01-01T00:00:00.000Z INFO tidemark.security: sign_in.succeeded actor=staff:1\x1b[2K\u2028\u202e\x85\x00"
)


def test_nobody_forges_a_line(written: io.StringIO) -> None:
    record("sign_in.failed", login=EVIL)
    record("sign_in.failed", nested={EVIL: [EVIL]})
    logging.getLogger("somewhere").error("%s", EVIL)
    try:
        raise ValueError(EVIL)
    except ValueError:
        logging.getLogger("somewhere").exception("failed")
    lines = written.getvalue().split("\n")
    assert lines.pop() == ""
    assert all(line.isprintable() for line in lines)
    beginnings = [line for line in lines if not line.startswith(" ")]
    assert len(beginnings) == 4
    assert not [line for line in beginnings if line.startswith("2026-01-01")]


def test_a_fact_can_not_pass_for_another(written: io.StringIO) -> None:
    record("sign_in.failed", login="x actor=staff:1 code=y")
    line = written.getvalue()
    if line.startswith("{"):
        assert json.loads(line)["actor"] == "system:manage.py"
    else:
        assert 'login="x actor=staff:1 code=y"' in line


@pytest.mark.parametrize("written", ["json"], indirect=True)
def test_each_line_of_json_is_a_whole_event(written: io.StringIO) -> None:
    record("token.ended", token_id="1")
    try:
        raise ValueError(EVIL)
    except ValueError:
        logging.getLogger("somewhere").exception("It failed: %s", "badly")
    security, ordinary = map(json.loads, written.getvalue().splitlines())
    assert list(security)[:4] == ["time", "level", "logger", "event"]
    assert (security["logger"], security["event"], security["token_id"]) == ("tidemark.security", "token.ended", "1")
    assert ordinary["event"] == "It failed: badly"
    assert "Traceback" in ordinary["exception"]


def test_addresses_are_pseudonyms_unless_asked_for(ada: User, recorded: Recorded) -> None:
    def try_from(address: str) -> str:
        Client(REMOTE_ADDR=address).post("/sign-in", {"username": "x@example.org", "password": "x"})
        found: str = recorded("sign_in.failed")[-1]["address"]
        return found

    assert try_from("192.0.2.7") == try_from("192.0.2.7") != try_from("192.0.2.8")
    assert "192" not in try_from("192.0.2.7")
    with override_settings(SECURITY_LOG_ADDRESSES=True):
        assert try_from("192.0.2.7") == "192.0.2.7"


def test_a_request_gets_an_id_that_nobody_outside_chooses(db: None) -> None:
    given = {"X-Request-Id": "chosen-by-me"}
    first, second = (Client().get("/livez", headers=given)["X-Request-Id"] for _ in range(2))
    assert len({first, second, "chosen-by-me"}) == 3
    with override_settings(TRUSTED_PROXIES=1):
        assert Client().get("/livez", headers=given)["X-Request-Id"] == "chosen-by-me"
        assert Client().get("/livez", headers={"X-Request-Id": "a b\x1b"})["X-Request-Id"] != "a b\x1b"


def test_ordinary_lines_name_the_request_too(ada: User, written: io.StringIO, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("projections.queries.customer", lambda _: 1 / 0)
    client = Client(raise_request_exception=False)
    client.force_login(ada)
    response = client.get("/api/v1/me")
    assert response.status_code == 500
    assert response["X-Request-Id"] in written.getvalue()


def test_a_quiet_log_level_does_not_silence_it() -> None:
    from tests.config.test_settings import GOOD, read_settings

    code = (
        "__import__('django').setup() or __import__('accounts.users.security_log').users.security_log.record('x.y') "
        "or __import__('logging').getLogger('z').error('not this')"
    )
    error = read_settings(code, **GOOD, LOG_LEVEL="CRITICAL", DJANGO_SETTINGS_MODULE="config.settings").stderr
    assert "tidemark.security: x.y actor=system:manage.py" in error
    assert "not this" not in error


def test_a_host_that_is_not_ours_takes_one_line(written: io.StringIO) -> None:
    Client().get("/", headers={"Host": "evil.example"})
    [line] = written.getvalue().splitlines()
    assert "django.security.DisallowedHost" in line


def test_what_is_asked_for_suspiciously_is_not_repeated(auditor: User, written: io.StringIO) -> None:
    client = Client()
    client.force_login(auditor)
    assert client.get("/admin/projections/customer/?Lovelace=1").status_code == 400
    assert "DisallowedModelAdminLookup" in written.getvalue()
    assert "Lovelace" not in written.getvalue()


def test_the_most_talkative_log_tells_neither_pages_nor_queries(auditor: User, written: io.StringIO) -> None:
    """Django's templates write down all that a page knows, and its databases the parameters of queries."""
    root = logging.getLogger()
    before = root.level
    root.setLevel(logging.DEBUG)
    client = Client()
    client.force_login(auditor)
    try:
        with CaptureQueriesContext(connection):  # as DEBUG does
            assert client.get("/security").status_code == 200
    finally:
        root.setLevel(before)
    assert "VariableDoesNotExist" not in written.getvalue()
    assert "SELECT" not in written.getvalue()

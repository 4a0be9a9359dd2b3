"""The server as `manage.py serve` starts it, spoken to by sockets: what a client of the test kit can't send."""

import json
import subprocess
import sys
from collections.abc import Iterator
from urllib.parse import urlencode
from uuid import uuid4

import pytest
from django.conf import settings

from eventstore.models import Command
from projections.models import Account
from tests.factories import AccountFactory, owner_of
from tests.tokens import token_of
from tests.wire.sending import URLENCODED
from tests.wire.serving import Server, served

pytestmark = pytest.mark.django_db(transaction=True)

HEAD = "Host: localhost\r\nConnection: close\r\n"


@pytest.fixture
def server(program_environment: dict[str, str]) -> Iterator[Server]:
    """The server, with one process and a trusted proxy before it."""
    with served({**program_environment, "TRUSTED_PROXIES": "1", "THROTTLE_SIGN_IN": "2/day"}) as (server, _):
        yield server


@pytest.fixture
def account(transactional_db: None) -> Account:
    return AccountFactory.create(balance=10_000)


@pytest.fixture
def token(account: Account) -> str:
    return f"Authorization: Token {token_of(owner_of(account.account_id))}\r\n"


def test_what_arrives_is_what_was_sent(server: Server, account: Account, token: str) -> None:
    """One server for all of these: it takes seconds to start."""
    bodies_are_whole(server, account, token)
    headers_with_an_underscore_are_none(server, account, token)
    long_answers_come_in_parts(server, account, token)
    odd_paths_are_no_fault_of_ours(server, token)
    endless_headers_are_refused(server)


def test_the_application_can_be_served_by_hand(program_environment: dict[str, str]) -> None:
    environment = {name: text for name, text in program_environment.items() if name != "DJANGO_SETTINGS_MODULE"}
    command = [sys.executable, "-c", "from config.rsgi import application"]
    done = subprocess.run(command, check=False, env=environment, cwd=settings.BASE_DIR, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def bodies_are_whole(server: Server, account: Account, token: str) -> None:
    before = Command.objects.count()
    address = f"/api/v1/accounts/{account.account_id}/deposits"
    body = json.dumps({"amount": "1000.00"}) + " " * 10

    def post(length: str, sent: str, key: str = "cut", *, cut: bool = True) -> tuple[int, bytes]:
        head = f"POST {address} HTTP/1.1\r\n{HEAD}{token}Idempotency-Key: {key}\r\nContent-Type: application/json\r\n"
        return server.send(f"{head}{length}\r\n{sent}", cut=cut)

    length = f"Content-Length: {len(body)}\r\n"
    for end in (0, 1, len(body) - 10, len(body) - 1):
        assert post(length, body[:end])[0] == 400
    chunk = f"{len(body):x}\r\n{body}\r\n"
    for chunked, cut in ((chunk, True), (f"{chunk}0\r\n\r\n", False), (f"{len(body):x}\r\n{body[:9]}", True)):
        assert post("Transfer-Encoding: chunked\r\n", chunked, cut=cut)[0] == 400
    for wrong in ("-5", "five", "+5", "5_0", f"{len(body)}\r\nContent-Length: 5", "9" * 30):
        assert post(f"Content-Length: {wrong}\r\n", body, cut=False)[0] == 400
    assert post(f"{length}Content-Encoding: gzip\r\n", body, cut=False)[0] == 415
    assert post(f"Content-Length: {2**40}\r\n", body)[0] == 413
    assert post("Content_Length: 3\r\n" + length, body[:-1])[0] == 400
    form = urlencode({"command_id": uuid4(), "amount": "1000.00"})
    form_type = f"Content-Type: {URLENCODED}\r\nCookie: csrftoken={'a' * 32}"
    head = f"POST /accounts/{account.account_id}/deposit HTTP/1.1\r\n{HEAD}{form_type}"
    assert server.send(f"{head}\r\nContent-Length: {len(form)}\r\n\r\n{form[:-8]}", cut=True)[0] == 400
    assert Command.objects.count() == before
    assert post(length, body, "whole", cut=False)[0] == 201


def headers_with_an_underscore_are_none(server: Server, account: Account, token: str) -> None:
    assert server.send(f"GET /api/v1/me HTTP/1.1\r\n{HEAD}{token.replace('n: T', '_: T')}\r\n")[0] == 401
    body = '{"amount": "1.00"}'
    head = f"POST /api/v1/accounts/{account.account_id}/deposits HTTP/1.1\r\n{HEAD}{token}"
    said = f"Content-Type: application/json\r\nContent_Type: text/plain\r\nContent-Length: {len(body)}\r\n\r\n{body}"
    assert server.send(f"{head}Idempotency_Key: 1\r\n{said}")[0] == 428
    assert server.send(f"{head}Idempotency-Key: mine\r\nIdempotency_Key: other\r\n{said}")[0] == 201
    assert Command.objects.filter(key="mine").exists()
    statuses = [_sign_in(server, f"X_Forwarded_For: 10.0.0.{number}\r\n") for number in range(4)]
    assert statuses == [401, 401, 429, 429]  # all of them came from one address, whatever they claim
    statuses = [_sign_in(server, f"X-Forwarded-For: 10.0.1.{number}\r\n", first=False) for number in range(3)]
    assert statuses == [401, 401, 429]


def _sign_in(server: Server, claim: str, *, first: bool = True) -> int:
    """Sign in with a wrong password, by way of a proxy that adds its own line, first or last."""
    body = json.dumps({"email": f"{first}@example.org", "password": "wrong"})
    proxy = "X-Forwarded-For: 192.0.2.1\r\n"
    lines = proxy + claim if first else claim + proxy
    head = f"POST /api/v1/token HTTP/1.1\r\n{HEAD}{lines}Content-Type: application/json\r\n"
    return server.send(f"{head}Content-Length: {len(body)}\r\n\r\n{body}")[0]


def long_answers_come_in_parts(server: Server, account: Account, token: str) -> None:
    status, body = server.send(f"GET /api/v1/accounts/{account.account_id}/entries.csv HTTP/1.1\r\n{HEAD}{token}\r\n")
    assert status == 200
    assert b"1000.00" in body
    assert server.send(f"HEAD /api/v1/me HTTP/1.1\r\n{HEAD}{token}\r\n") == (200, b"")


def odd_paths_are_no_fault_of_ours(server: Server, token: str) -> None:
    for text in ("%00", "%ff", "%ed%a0%80", "9" * 5_000, "%D9%A3"):
        assert server.send(f"GET /{text}?a={text} HTTP/1.1\r\n{HEAD}\r\n")[0] in {400, 404}
        assert server.send(f"GET /api/v1/commands/{text} HTTP/1.1\r\n{HEAD}{token}\r\n")[0] == 404


def endless_headers_are_refused(server: Server) -> None:
    head = f"GET /sign-in HTTP/1.1\r\n{HEAD}"
    assert server.send(f"{head}Cookie: {'a=1; ' * 2_000}\r\n\r\n")[0] == 200
    assert server.send(f"{head}Cookie: {'a=1; ' * 20_000}", cut=False)[0] == 431

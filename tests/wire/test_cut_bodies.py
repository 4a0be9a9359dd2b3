"""A body that is cut on its way is refused wherever it is sent, and nothing of it is stored."""

import json
from io import BytesIO
from typing import IO, Any
from urllib.parse import urlencode
from uuid import uuid4

import pytest
from django.test import Client

from projections.models import Account
from tests.authorization.world import World
from tests.factories import AccountFactory, owner_of
from tests.pages.browser import stored as stored_commands
from tests.wire.sending import JSON, URLENCODED, sendings, stored

pytestmark = pytest.mark.once("what arrives is alike on every database")


def form(length: str, arriving: IO[bytes]) -> dict[str, Any]:
    """The environment of a request with a form of a declared length."""
    return {"CONTENT_LENGTH": length, "CONTENT_TYPE": URLENCODED, "wsgi.input": arriving}


@pytest.fixture
def account(db: None) -> Account:
    return AccountFactory.create(balance=10_000)


@pytest.fixture
def client(account: Account) -> Client:
    client = Client(raise_request_exception=False)
    client.force_login(owner_of(account.account_id))
    return client


def test_every_address_takes_the_whole_body_only(world: World) -> None:
    faults = []
    for sending in sendings(world):
        before, whole = stored(), len(sending.body)
        for arrived in {0, 1, whole // 2, whole - 1}:
            answer = sending.sent(world, sending.body[:arrived])
            if answer.status_code != 400 or stored()[:4] != before[:4]:
                faults.append(f"{sending.method} {sending.address} {arrived}/{whole}: {answer.status_code}")
            elif sending.content_type == JSON and answer.json()["code"] != "MALFORMED":
                faults.append(f"{sending.method} {sending.address}: {answer.json()}")
    assert not faults, "\n".join(faults)


def test_no_half_of_an_amount_is_booked(client: Client, account: Account) -> None:
    body = urlencode({"command_id": uuid4(), "amount": "1000.00"}).encode()
    before = stored_commands()
    for end in range(len(body)):
        arrived = form(str(len(body)), BytesIO(body[:end]))
        answer = client.generic("POST", f"/accounts/{account.account_id}/deposit", **arrived)
        assert answer.status_code == 400
        assert "We could not read that" in answer.content.decode()
    assert stored_commands() == before
    arrived = form(str(len(body)), BytesIO(body))
    assert client.generic("POST", f"/accounts/{account.account_id}/deposit", **arrived).status_code == 302


def test_a_body_that_comes_in_small_pieces_is_whole(client: Client, account: Account) -> None:
    body = urlencode({"command_id": uuid4(), "amount": "12.34"}).encode()

    class Trickle(BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            return super().read(1)

    arrived = form(str(len(body)), Trickle(body))
    assert client.generic("POST", f"/accounts/{account.account_id}/deposit", **arrived).status_code == 302


def test_a_connection_that_breaks_is_a_cut_too(client: Client, account: Account) -> None:
    class Broken(BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            raise ConnectionResetError

    arrived = form("40", Broken())
    assert client.generic("POST", f"/accounts/{account.account_id}/deposit", **arrived).status_code == 400


@pytest.mark.parametrize(
    "environ",
    [
        *(
            {"CONTENT_LENGTH": length}
            for length in ("-5", "+5", "five", "5, 5", "5_0", "٣", "1e3", "0x10", "9" * 5_000)
        ),
        {"CONTENT_LENGTH": "", "HTTP_TRANSFER_ENCODING": "chunked"},
        {"HTTP_TRANSFER_ENCODING": "chunked"},
    ],
)
def test_a_length_that_says_nothing_is_refused(world: World, environ: dict[str, str]) -> None:
    before = stored()
    for sending in sendings(world):
        answer = sending.sent(world, None, **environ)
        assert answer.status_code == 400, sending
        if sending.content_type == JSON:
            assert (answer.json()["code"], answer.json()["field"]) == ("MALFORMED", "Content-Length")
    assert stored()[:4] == before[:4]


@pytest.mark.parametrize("encoding", ["gzip", "br", "deflate", "x-nonsense", "gzip, identity", "identity, identity"])
def test_an_encoding_that_nobody_undoes_is_refused(world: World, encoding: str) -> None:
    before = stored()
    for sending in sendings(world):
        answer = sending.sent(world, HTTP_CONTENT_ENCODING=encoding)
        assert answer.status_code == 415, sending
        if sending.content_type == JSON:
            assert answer.json()["code"] == "UNSUPPORTED_MEDIA"
    assert stored()[:4] == before[:4]


@pytest.mark.parametrize("encoding", ["identity", "Identity", ""])
def test_no_encoding_may_be_named(client: Client, account: Account, encoding: str) -> None:
    address = f"/accounts/{account.account_id}/deposit"
    form = {"command_id": uuid4(), "amount": "1"}
    assert client.post(address, form, HTTP_CONTENT_ENCODING=encoding).status_code == 302


def test_a_length_beyond_the_limit_is_refused_before_it_is_read(client: Client, account: Account) -> None:
    class Unread(BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            raise AssertionError("Nobody is to read this.")

    arrived = form(str(2**40), Unread())
    assert client.generic("POST", f"/accounts/{account.account_id}/deposit", **arrived).status_code == 413


def test_a_question_may_come_with_a_body_that_nobody_reads(client: Client) -> None:
    arrived = form("50", BytesIO(b"a=1"))
    assert client.generic("GET", "/", **arrived).status_code == 200


def test_the_forgery_check_does_not_take_a_cut_form_for_one_from_elsewhere(account: Account) -> None:
    client = Client(enforce_csrf_checks=True, raise_request_exception=False)
    client.force_login(owner_of(account.account_id))
    client.cookies["csrftoken"] = token = "a" * 32
    body = urlencode({"csrfmiddlewaretoken": token, "amount": "1000.00"}).encode()
    arrived = form(str(len(body)), BytesIO(body[:-9]))
    assert client.generic("POST", f"/accounts/{account.account_id}/deposit", **arrived).status_code == 400


def test_errors_below_the_api_are_json_even_where_no_view_was_reached() -> None:
    answer = Client(raise_request_exception=False).get("/api/v1/me", HTTP_HOST="a b")
    assert answer.status_code == 400
    assert json.loads(answer.content)["code"] == "MALFORMED"

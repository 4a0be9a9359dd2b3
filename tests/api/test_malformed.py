"""Requests that can't be read: each is answered in the shape of all errors, and none reaches the database."""

import json

import pytest

from eventstore.http.parser import MAX_BODY_BYTES
from eventstore.models import Command, Event
from projections.models import Account
from tests.api.caller import Answer, Caller

TOKEN, ACCOUNTS = "/api/v1/token", "/api/v1/accounts"


def send(caller: Caller, body: bytes | str, content_type: str = "application/json") -> Answer:
    return caller.send("POST", ACCOUNTS, body, content_type=content_type, headers={"Idempotency-Key": "1"})


@pytest.mark.parametrize(
    "body",
    [
        "{",
        "{'currency': 'EUR'}",
        '{"currency": "EUR"} {}',
        '{"currency": NaN}',
        '{"currency": -Infinity}',
        '{"currency": "EUR",}',
        '{"currency": "EUR", "currency": "USD"}',
        '{"label": {"a": 1, "a": 2}}',
        '{"\\u0000": 1}',
        '{"\\ud800": 1}',
        "[" * 100_000,
        '{"a":' * 5_000 + "1" + "}" * 5_000,
        '{"currency": ' + "9" * 5_000 + "}",
        b'{"currency": "\xff"}',
        '{"currency": "EUR"}'.encode("utf-16"),
        '\ufeff{"currency": "EUR"}',
        "currency=EUR",
        "\0",
    ],
)
def test_what_is_no_json(ada: Caller, body: bytes | str) -> None:
    assert send(ada, body).refusal == (400, "MALFORMED", None)
    assert not Command.objects.filter(key="1").exists()


@pytest.mark.parametrize("body", ["[]", "[1]", "5", '"text"', "null", "true", "1.5"])
def test_what_is_no_object(ada: Caller, body: str) -> None:
    assert send(ada, body).refusal == (400, "MALFORMED", None)


@pytest.mark.parametrize("body", ["", "{}"])
def test_what_is_empty_lacks_its_first_field(ada: Caller, body: str) -> None:
    assert send(ada, body).refusal == (400, "MALFORMED", "currency")


@pytest.mark.parametrize("name", ["x", "Currency", "currency ", "__class__", "non_field_errors", "é" * 500])
def test_a_field_that_there_is_not(ada: Caller, name: str) -> None:
    answer = send(ada, json.dumps({"currency": "EUR", name: "x"}))
    assert (answer.status, answer.code) == (400, "MALFORMED")
    assert answer.body.get("field", "non_field_errors") == name[:100]


@pytest.mark.parametrize(
    "content_type",
    ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "application/xml", ""],
)
def test_what_is_said_to_be_something_else(ada: Caller, content_type: str) -> None:
    assert send(ada, '{"currency": "EUR"}', content_type).refusal == (415, "UNSUPPORTED_MEDIA", None)


def test_json_may_say_its_encoding(ada: Caller) -> None:
    assert send(ada, '{"currency": "EUR"}', "application/json; charset=utf-8").status == 201


def test_what_is_too_large(ada: Caller) -> None:
    padding = " " * (MAX_BODY_BYTES - len('{"currency": "EUR"}'))
    assert send(ada, padding + '{"currency": "EUR"}').status == 201
    assert send(ada, padding + ' {"currency": "EUR"}').refusal == (413, "TOO_LARGE", None)


def test_what_does_not_say_how_long_it_is(ada: Caller) -> None:
    headers = {"Idempotency-Key": "1", "Transfer-Encoding": "chunked"}
    answer = ada.send("POST", ACCOUNTS, headers=headers)
    assert answer.refusal == (400, "MALFORMED", "Content-Length")


def test_strangers_can_send_nonsense_too(stranger: Caller) -> None:
    assert stranger.send("POST", TOKEN, "{").refusal == (400, "MALFORMED", None)
    assert stranger.send("POST", TOKEN, "x" * (MAX_BODY_BYTES + 1)).refusal == (413, "TOO_LARGE", None)


def test_who_does_not_sign_in_is_told_nothing_else(stranger: Caller) -> None:
    assert send(stranger, "{").refusal == (401, "NOT_SIGNED_IN", None)


@pytest.mark.parametrize("accept", ["text/html", "application/xml", "nonsense", "*/*;q=0"])
def test_whatever_a_caller_would_rather_have_the_answer_is_json(ada: Caller, adas: Account, accept: str) -> None:
    answer = ada.send("GET", ACCOUNTS, headers={"Accept": accept})
    assert (answer.status, answer.headers["Content-Type"]) == (200, "application/json")


def test_answers_are_for_the_caller_alone(ada: Caller, adas: Account) -> None:
    assert ada.get("accounts").headers["Cache-Control"] == "no-store"


def test_a_field_or_a_parameter_that_is_sent_twice(ada: Caller, adas: Account) -> None:
    deposits = f"/api/v1/accounts/{adas.account_id}/deposits"
    body = '{"amount": "1.00", "amount": "1000.00"}'
    assert ada.send("POST", deposits, body, headers={"Idempotency-Key": "1"}).status == 400
    assert ada.send("GET", "/api/v1/accounts?limit=1&limit=200").refusal == (400, "MALFORMED", "limit")
    dry = '{"amount": "1.00"}'
    twice = ada.send("POST", f"{deposits}?dry_run=1&dry_run=0", dry, headers={"Idempotency-Key": "2"})
    assert twice.refusal == (400, "MALFORMED", "dry_run")
    assert Event.objects.filter(type="account.money_deposited").count() == 1

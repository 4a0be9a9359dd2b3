"""Addresses and methods that there are not."""

import pytest

from projections.models import Account
from tests.api.caller import Caller


@pytest.mark.parametrize(
    "path", ["", "nothing", "accounts/", "accounts/x/y/z", "token/", "%00", "events/1", "Accounts"]
)
@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "DELETE", "OPTIONS"])
def test_there_is_nothing_there(stranger: Caller, path: str, method: str) -> None:
    answer = stranger.send(method, f"/api/v1/{path}")
    assert answer.refusal == (404, "NOT_FOUND", None)
    assert answer.headers["Content-Type"] == "application/json"


@pytest.mark.parametrize("path", ["", "v2/accounts", "nothing"])
def test_outside_of_the_version_there_is_no_page_either(stranger: Caller, path: str) -> None:
    answer = stranger.send("GET", f"/api/{path}")
    assert answer.refusal == (404, "NOT_FOUND", None)


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("DELETE", "accounts", "GET, POST"),
        ("PUT", "customers/x", "GET, PATCH"),
        ("OPTIONS", "accounts", "GET, POST"),
        ("TRACE", "accounts", "GET, POST"),
        ("NONSENSE", "accounts", "GET, POST"),
        ("POST", "me", "GET"),
        ("POST", "events", "GET"),
        ("PATCH", "transfers", "POST"),
        ("GET", "transfers", "POST"),
        ("GET", "accounts/x/deposits", "POST"),
        ("DELETE", "accounts/x/entries", "GET"),
        ("GET", "token", "DELETE, POST"),
        ("POST", "tokens", "GET"),
        ("GET", "tokens/x", "DELETE"),
    ],
)
def test_a_method_that_is_not_served(operator: Caller, method: str, path: str, allowed: str) -> None:
    answer = operator.send(method, f"/api/v1/{path}")
    assert answer.refusal == (405, "METHOD_NOT_ALLOWED", None)
    assert answer.headers["Allow"] == allowed


def test_both_sides_serve_one_address(ada: Caller, adas: Account) -> None:
    assert ada.post("accounts", {"currency": "EUR"}).status == 201
    assert ada.get("accounts").status == 200


def test_head_tells_what_get_would(ada: Caller, adas: Account) -> None:
    answer = ada.send("HEAD", "/api/v1/accounts")
    assert (answer.status, answer.raw) == (200, b"")


def test_strangers_learn_no_methods(stranger: Caller) -> None:
    assert stranger.send("DELETE", "/api/v1/accounts").refusal == (401, "NOT_SIGNED_IN", None)

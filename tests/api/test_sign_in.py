"""POST token, and calling with what one got there, or with a session."""

from typing import Any

import pytest
from django.test import Client

from accounts.users.models import User
from projections.models import Account
from tests.api.caller import Caller
from tests.factories import PASSWORD, StaffFactory, owner_of

CREDENTIALS = {"email": "ada@example.org", "password": PASSWORD}


def test_a_customer_gets_a_token(stranger: Caller, adas: Account) -> None:
    answer = stranger.post("token", CREDENTIALS, key=None)
    assert answer.status == 200
    assert answer.body.keys() == {"token", "token_id", "expires_at"}
    assert Caller(answer.body["token"]).get("me").body["customer_id"] == str(adas.customer_id)


def test_a_member_of_staff_gets_one_too(stranger: Caller) -> None:
    StaffFactory.create(email="grace@example.org", role="auditor")
    answer = stranger.post("token", {"email": "grace@example.org", "password": PASSWORD}, key=None)
    assert Caller(answer.body["token"]).get("me").body["email"] == "grace@example.org"


def test_the_email_may_be_spelled_otherwise(stranger: Caller, adas: Account) -> None:
    answer = stranger.post("token", {**CREDENTIALS, "email": " ADA@Example.ORG "}, key=None)
    assert answer.status == 200


@pytest.mark.parametrize(
    "wrong",
    [{"password": "wrong"}, {"email": "nobody@example.org"}, {"email": "nonsense"}, {"password": PASSWORD + " "}],
)
def test_wrong_ones_do_not_sign_in(stranger: Caller, adas: Account, wrong: dict[str, str]) -> None:
    answer = stranger.post("token", {**CREDENTIALS, **wrong}, key=None)
    assert answer.refusal == (401, "NOT_SIGNED_IN", None)
    assert answer.headers["WWW-Authenticate"] == "Token"


def test_who_may_not_sign_in_does_not(stranger: Caller, adas: Account, ada: Caller) -> None:
    User.objects.filter(email="ada@example.org").update(is_active=False)
    assert stranger.post("token", CREDENTIALS, key=None).status == 401
    assert ada.get("me").refusal == (401, "NOT_SIGNED_IN", None)


@pytest.mark.parametrize("field", ["email", "password"])
@pytest.mark.parametrize("value", ["", None, 5, [], "a\0b", "\ud800"])
def test_both_are_text(stranger: Caller, field: str, value: Any) -> None:
    answer = stranger.post("token", {**CREDENTIALS, field: value}, key=None)
    assert answer.refusal == (400, "MALFORMED", field)


@pytest.mark.parametrize("field", ["email", "password"])
def test_both_are_needed(stranger: Caller, field: str) -> None:
    answer = stranger.post("token", {name: value for name, value in CREDENTIALS.items() if name != field}, key=None)
    assert answer.refusal == (400, "MALFORMED", field)


@pytest.mark.parametrize("token", ["x", "0" * 40, "é", "a\0b", "'; DROP TABLE", "a b"])
def test_what_is_no_token_opens_nothing(db: None, token: str) -> None:
    assert Caller(token).get("accounts").refusal == (401, "NOT_SIGNED_IN", None)


def test_an_old_token_is_not_in_the_way_of_a_new_one(adas: Account) -> None:
    assert Caller("0" * 40).post("token", CREDENTIALS, key=None).status == 200


def test_a_session_does_as_well(adas: Account) -> None:
    client = Client()
    client.force_login(owner_of(adas.account_id))
    assert Caller(client=client).get("me").body["customer_id"] == str(adas.customer_id)


def test_a_session_needs_the_csrf_token_to_act(adas: Account) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(owner_of(adas.account_id))
    caller, path = Caller(client=client), f"accounts/{adas.account_id}/deposits"
    assert caller.post(path, {"amount": "1.00"}).refusal == (403, "FORBIDDEN", None)
    client.get("/sign-up")  # a page with a form sets the cookie
    client.get("/profile")
    headers = {"X-CSRFToken": client.cookies["csrftoken"].value, "Idempotency-Key": "1"}
    assert caller.send("POST", f"/api/v1/{path}", '{"amount": "1.00"}', headers=headers).status == 201

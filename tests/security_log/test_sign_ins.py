"""Sign-ins, failures and sign-outs are recorded at every door."""

from typing import Any

import pytest
from django.test import Client

from accounts.users.models import User
from tests.api.caller import Caller
from tests.factories import PASSWORD
from tests.second_factors import code_of, give_app, wrong_code
from tests.security_log.conftest import Recorded

DOORS = ["sign-in", "admin/login/", "api/v1/token"]
NAMES = {"sign-in": "page", "admin/login/": "admin", "api/v1/token": "token"}


def knock(door: str, email: str, password: str) -> None:
    """Try to sign in."""
    if door.startswith("api/"):
        Caller().post("token", {"email": email, "password": password}, key=None)
    else:
        Client().post(f"/{door}", {"username": email, "password": password})


@pytest.mark.parametrize("door", DOORS)
def test_a_sign_in_names_who_came_in_and_by_which_door(door: str, operator: User, recorded: Recorded) -> None:
    knock(door, operator.email, PASSWORD)
    [event] = recorded("sign_in.succeeded")
    assert event["actor"] == f"staff:{operator.pk}"
    assert (event["method"], event["route"], event["door"]) == ("POST", door, NAMES[door])
    assert event["request_id"]
    assert not recorded("sign_in.failed")


@pytest.mark.parametrize("door", DOORS)
def test_a_wrong_password_names_nobody_but_a_pseudonym(door: str, ada: User, recorded: Recorded) -> None:
    knock(door, ada.email, "a wrong password")
    knock(door, f" {ada.email.upper()} ", "another")
    knock(door, "somebody@example.org", "another")
    first, again, other = recorded("sign_in.failed")
    assert first["actor"] == "anonymous"
    assert first["login"] == again["login"] != other["login"]
    assert "zaubernuss" not in str(recorded("sign_in.failed")).lower()


def test_a_sign_out_names_who_left(ada: User, recorded: Recorded) -> None:
    client = Client()
    client.force_login(ada)
    client.post("/sign-out")
    [event] = recorded("sign_out")
    assert event["actor"] == ada.actor


def test_signing_out_without_having_signed_in_is_nothing(db: None, recorded: Recorded) -> None:
    Client().post("/sign-out")
    assert not recorded("sign_out")


def test_a_guesser_who_is_slowed_down_takes_one_line(ada: User, recorded: Recorded, settings: Any) -> None:
    settings.ATTEMPT_RATES = {**settings.ATTEMPT_RATES, "sign_in": "2/hour"}
    for door in ("sign-in", "sign-in", *DOORS, *DOORS):
        knock(door, ada.email, "a wrong password")
    assert len(recorded("sign_in.failed")) == 2
    assert len(recorded("sign_in.throttled")) == 1
    assert not recorded("request.throttled")


def test_a_second_factor_is_a_door_of_its_own(ada: User, recorded: Recorded, settings: Any) -> None:
    """The right password alone makes no line, wrong codes make one each, the right code the only one of the sign-in."""
    settings.ATTEMPT_RATES = {**settings.ATTEMPT_RATES, "second_factor": "2/hour"}
    give_app(ada)
    wrong, client = wrong_code(ada), Client()
    client.post("/sign-in", {"username": ada.email, "password": PASSWORD})
    assert not recorded("sign_in.succeeded")
    client.post("/sign-in/code", {"proof-code": wrong})
    client.post("/sign-in/code", {"proof-code": code_of(ada)})
    Caller().post("token", {"email": ada.email, "password": PASSWORD, "otp": wrong}, key=None)
    Caller().post("token", {"email": ada.email, "password": PASSWORD, "otp": wrong}, key=None)
    [event] = recorded("sign_in.succeeded")
    assert (event["actor"], event["door"]) == (ada.actor, "second factor")
    facts = [(event["door"], event["kind"], event["target"]) for event in recorded("sign_in.failed")]
    assert facts == [(door, "second factor", ada.actor) for door in ("second factor", "token")]
    [throttled] = recorded("sign_in.throttled")
    assert (throttled["door"], throttled["kind"]) == ("token", "second factor")


def test_who_lacks_a_second_factor_is_refused_in_few_lines(operator: User, recorded: Recorded, settings: Any) -> None:
    settings.STAFF_SECOND_FACTOR = True
    client = Client()
    client.force_login(operator)
    statuses = {client.get("/api/v1/customers").status_code for _ in range(12)}
    events = recorded("access.refused")
    assert [(event["times"], event["status"]) for event in events] == [(1, *statuses), (10, *statuses)]
    assert {event["code"] for event in events} == {"SECOND_FACTOR_REQUIRED"}


def test_a_fresh_sign_in_is_told_and_one_that_fails(ada: User, recorded: Recorded) -> None:
    client = Client()
    client.force_login(ada)
    client.post("/sign-in/again", {"proof-password": "wrong"})
    [failed] = recorded("sign_in.failed")
    assert failed["door"] == "again"
    assert not recorded("sign_in.repeated")
    client.post("/sign-in/again", {"proof-password": PASSWORD})
    assert [event["actor"] for event in recorded("sign_in.repeated")] == [ada.actor]

"""?min_position=: an answer that reflects what the caller knows of already."""

from typing import Any, cast

import pytest
from django.test import Client

from accounts.users.models import User
from eventstore.http import query_views
from eventstore.http.places import COMES_AGAIN, place_to_wait
from eventstore.projecting.runner.runner import Runner
from projections.models import Account
from tests.api.caller import Caller
from tests.factories import owner_of


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(query_views, "MAX_WAIT_SECONDS", 0.2)


def test_an_answer_reflects_what_was_just_done(ada: Caller, adas: Account) -> None:
    done = ada.post(f"accounts/{adas.account_id}/deposits", {"amount": "1.00"}).body["position"]
    for path in (f"accounts/{adas.account_id}", "accounts", f"accounts/{adas.account_id}/entries", "me"):
        answer = ada.get(path, min_position=done)
        assert (answer.status, answer.body["position"] >= done) == (200, True)


def test_what_has_not_happened_yet_is_not_waited_for_for_ever(ada: Caller, adas: Account, impatient: None) -> None:
    answer = ada.get("accounts", min_position=adas.position + 1_000)
    assert answer.refusal == (503, "RETRY_LATER", None)
    assert answer.headers["Retry-After"] == "1"


def ask(user: User, path: str, position: int) -> int:
    """The status of an answer by a server that runs requests again."""
    client = Client()
    client.force_login(user)
    address = f"/api/v1/{path}?min_position={position}"
    return client.get(address, **cast(Any, {COMES_AGAIN: False})).status_code


def test_who_waits_already_is_asked_to_come_again_at_once(adas: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    """A wait holds a thread, so one caller has one; what is up to date needs none."""
    monkeypatch.setattr(query_views, "MAX_WAIT_SECONDS", 1e9)
    owner = owner_of(adas.account_id)
    with place_to_wait(owner.pk):
        assert ask(owner, f"accounts/{adas.account_id}/daily-balances", adas.position) == 503
        assert ask(owner, "accounts", adas.position) == 200


def test_only_so_many_wait_in_all(adas: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(query_views, "MAX_WAIT_SECONDS", 1e9)
    with place_to_wait("bob"), place_to_wait("eve"):
        assert ask(owner_of(adas.account_id), f"accounts/{adas.account_id}/daily-balances", adas.position) == 503


def test_where_no_request_comes_again_who_finds_no_place_waits(
    ada: Caller, adas: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(query_views, "MAX_WAIT_SECONDS", 1e9)
    monkeypatch.setattr("time.sleep", lambda _seconds: Runner().catch_up())
    with place_to_wait(owner_of(adas.account_id).pk):
        path = f"accounts/{adas.account_id}/daily-balances"
        assert ada.get(path, min_position=adas.position).status == 200


def test_a_position_that_nobody_was_told_of_is_not_waited_for(
    ada: Caller, adas: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(query_views, "MAX_WAIT_SECONDS", 1e9)
    for path in ("accounts", f"accounts/{adas.account_id}/daily-balances"):
        assert ada.get(path, min_position=adas.position + 1_000).refusal == (503, "RETRY_LATER", None)


def test_a_server_that_can_is_asked_to_let_come_again_who_finds_no_place(ada: Caller, adas: Account) -> None:
    path = f"/api/v1/accounts/{adas.account_id}/daily-balances?min_position={adas.position}"
    client, owner, asked = Client(), owner_of(adas.account_id), cast(Any, {COMES_AGAIN: False})
    client.force_login(owner)
    with place_to_wait(owner.pk):
        request = client.get(path, **asked).wsgi_request
        assert request.META[COMES_AGAIN] is True
    Runner().catch_up()
    assert client.get(path, **asked).wsgi_request.META[COMES_AGAIN] is False


def test_a_delayed_read_model_is_waited_for(auditor: Caller, adas: Account, impatient: None) -> None:
    paths = ("trial-balance", "volumes", f"accounts/{adas.account_id}/daily-balances")
    for path in paths:
        assert auditor.get(path).body["position"] < adas.position
        assert auditor.get(path, min_position=adas.position).status == 503
    Runner().catch_up()
    for path in paths:
        answer = auditor.get(path, min_position=adas.position)
        assert (answer.status, answer.body["position"] >= adas.position) == (200, True)


def test_the_wait_is_two_seconds() -> None:
    assert query_views.MAX_WAIT_SECONDS == 2.0


@pytest.mark.parametrize("position", ["-1", "x", "", "1.0", "٣", "1e3", "9" * 19, "9" * 50])
def test_a_position_is_a_whole_number(ada: Caller, adas: Account, position: Any) -> None:
    assert ada.get("accounts", min_position=position).refusal == (400, "MALFORMED", "min_position")
    assert ada.get("me", min_position=position).refusal == (400, "MALFORMED", "min_position")


def test_every_question_takes_it(auditor: Caller, adas: Account) -> None:
    own = [f"accounts/{adas.account_id}/{part}" for part in ("balance", "holds", "entries")]
    stream = f"streams/account/{adas.account_id}"
    for path in ("events", "audit", "projections", "customers", "approvals", stream, *own):
        assert auditor.get(path, min_position=adas.position).body["position"] >= adas.position

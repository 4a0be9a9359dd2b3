"""?min_position=: an answer that reflects what the caller knows of already."""

import time
from typing import Any

import pytest

from eventstore.http import query_views
from eventstore.projecting.runner.runner import Runner
from projections.models import Account
from tests.api.caller import Caller


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(query_views, "MAX_WAIT_SECONDS", 0.2)


def test_an_answer_reflects_what_was_just_done(ada: Caller, adas: Account) -> None:
    done = ada.post(f"accounts/{adas.account_id}/deposits", {"amount": "1.00"}).body["position"]
    for path in (f"accounts/{adas.account_id}", "accounts", f"accounts/{adas.account_id}/entries", "me"):
        answer = ada.get(path, min_position=done)
        assert (answer.status, answer.body["position"] >= done) == (200, True)


def test_what_has_not_happened_yet_is_not_waited_for_for_ever(ada: Caller, adas: Account, impatient: None) -> None:
    began = time.monotonic()
    answer = ada.get("accounts", min_position=adas.position + 1_000)
    assert answer.refusal == (503, "RETRY_LATER", None)
    assert answer.headers["Retry-After"] == "1"
    assert 0.2 <= time.monotonic() - began < 1.5


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

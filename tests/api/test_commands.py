"""GET commands/{key}."""

from uuid import uuid4

import pytest

from projections.models import Account
from tests.api.caller import Answer, Caller
from tests.api.test_transfer import sending
from tests.factories import AccountFactory, owner_of


def test_tells_what_was_asked_and_answered_and_what_it_caused(ada: Caller, adas: Account) -> None:
    deposit = ada.post(f"accounts/{adas.account_id}/deposits", {"amount": "10.50"}, key="salary/2026-03").body
    answer = ada.get("commands/salary/2026-03")
    assert answer.status == 200
    body = answer.body
    assert body.keys() == {
        "command_id",
        "key",
        "actor",
        "type",
        "command",
        "accepted",
        "response",
        "events",
        "recorded_at",
        "position",
        "cursor",
    }
    assert (body["command_id"], body["key"]) == (deposit["command_id"], "salary/2026-03")
    assert (body["actor"], body["type"], body["accepted"]) == (
        f"customer:{adas.customer_id}",
        "account.deposit",
        True,
    )
    assert body["command"]["amount"] == 1050
    assert body["response"] == deposit
    (event,) = body["events"]
    assert (event["type"], event["position"]) == ("account.money_deposited", deposit["position"])
    assert (event["data"]["balance"], event["metadata"]["command_id"]) == (11_050, deposit["command_id"])


def test_a_refusal_is_told_as_it_was(ada: Caller, adas: Account) -> None:
    refused = ada.post(f"accounts/{adas.account_id}/withdrawals", {"amount": "500.00"}, key="1").body
    body = ada.get("commands/1").body
    assert (body["accepted"], body["response"], body["events"]) == (False, refused, [])


def test_the_attempt_on_somebody_elses_account_stands_there_too(ada: Caller, bobs: Account) -> None:
    ada.post(f"accounts/{bobs.account_id}/withdrawals", {"amount": "1.00"}, key="1")
    assert ada.get("commands/1").body["response"]["code"] == "ACCOUNT_NOT_FOUND"


def test_both_events_of_a_transfer_belong_to_it_and_each_side_sees_its_own(
    ada: Caller, auditor: Caller, adas: Account, bobs: Account
) -> None:
    answer = ada.post("transfers", sending(adas, bobs), key="1").body

    def types(answer: Answer) -> list[str]:
        return [event["type"] for event in answer.body["events"]]

    assert types(ada.get("commands/1")) == ["account.transfer_sent"]
    both = ["account.transfer_sent", "account.transfer_received"]
    assert types(auditor.get(f"commands/{answer['command_id']}")) == both


def test_between_ones_own_accounts_one_sees_both(ada: Caller, adas: Account) -> None:
    savings = AccountFactory.create(owner=owner_of(adas.account_id))
    ada.post("transfers", sending(adas, savings), key="1")
    assert len(ada.get("commands/1").body["events"]) == 2


def test_the_id_of_the_command_does_as_well(ada: Caller, adas: Account) -> None:
    answer = ada.post("accounts", {"currency": "EUR"}, key="1").body
    assert ada.get(f"commands/{answer['command_id']}").body["key"] == "1"


def test_commands_of_others_are_as_good_as_none(ada: Caller, bob: Caller, adas: Account) -> None:
    answer = ada.post("accounts", {"currency": "EUR"}, key="1").body
    for path in ("commands/1", f"commands/{answer['command_id']}", f"commands/1?actor=customer:{adas.customer_id}"):
        assert bob.get(path).refusal == (404, "COMMAND_NOT_FOUND", None)


def test_staff_see_them_all(ada: Caller, auditor: Caller, adas: Account) -> None:
    answer = ada.post("accounts", {"currency": "EUR"}, key="1").body
    assert auditor.get(f"commands/{answer['command_id']}").body["key"] == "1"
    assert auditor.get("commands/1", actor=f"customer:{adas.customer_id}").body["command_id"] == answer["command_id"]
    assert auditor.get("commands/1").refusal == (404, "COMMAND_NOT_FOUND", None)


def test_a_registration_shows_no_password(auditor: Caller, stranger: Caller) -> None:
    eve = {"name": "Eve", "email": "eve@example.org", "password": "correct horse battery"}
    registered = stranger.post("customers", eve).body
    answer = auditor.get(f"commands/{registered['command_id']}")
    assert answer.body["command"]["email"] == "eve@example.org"
    assert b"horse" not in answer.raw


@pytest.mark.parametrize("key", ["nothing", uuid4(), "x" * 300, "%00", "é", "a/b/c", "%20"])
def test_what_was_never_sent_is_not_found(ada: Caller, adas: Account, key: object) -> None:
    assert ada.get(f"commands/{key}").refusal == (404, "COMMAND_NOT_FOUND", None)


def test_what_changed_nothing_stands_at_no_position(ada: Caller, adas: Account) -> None:
    ada.patch(f"customers/{adas.customer_id}", {}, key="1")
    body = ada.get("commands/1").body
    assert (body["response"]["position"], body["events"]) == (0, [])


def test_strangers_see_none(stranger: Caller) -> None:
    assert stranger.get("commands/1").refusal == (401, "NOT_SIGNED_IN", None)

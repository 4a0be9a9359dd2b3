"""POST accounts/{id}/close."""

from projections.models import Account
from tests.api.caller import Answer, Caller
from tests.factories import AccountFactory, owner_of


def close(caller: Caller, account: Account, **body: str) -> Answer:
    return caller.post(f"accounts/{account.account_id}/close", body)


def test_an_empty_account_is_closed_for_good(bob: Caller, bobs: Account) -> None:
    answer = close(bob, bobs)
    assert (answer.status, answer.body["status"]) == (200, "closed")
    assert close(bob, bobs).refusal == (409, "ACCOUNT_CLOSED", None)
    assert bob.get(f"accounts/{bobs.account_id}").body["status"] == "closed"


def test_an_account_with_money_in_it_is_not(ada: Caller, adas: Account) -> None:
    assert close(ada, adas).refusal == (409, "ACCOUNT_NOT_EMPTY", None)


def test_what_is_left_goes_to_another_account(ada: Caller, adas: Account) -> None:
    other = AccountFactory.create(owner=owner_of(adas.account_id))
    answer = close(ada, adas, sweep_to=str(other.account_id))
    assert (answer.body["status"], answer.body["balance"]) == ("closed", "0.00")
    assert ada.get(f"accounts/{other.account_id}").body["balance"] == "100.00"


def test_only_to_one_of_their_own(ada: Caller, adas: Account, bobs: Account) -> None:
    answer = close(ada, adas, sweep_to=str(bobs.account_id))
    assert answer.refusal == (404, "ACCOUNT_NOT_FOUND", "sweep_to")


def test_staff_close_nothing(operator: Caller, bobs: Account) -> None:
    assert close(operator, bobs).refusal == (403, "FORBIDDEN", None)


def test_a_rehearsal_closes_nothing(bob: Caller, bobs: Account) -> None:
    assert bob.post(f"accounts/{bobs.account_id}/close", {}, dry_run=1).body["dry_run"] is True
    assert bob.get(f"accounts/{bobs.account_id}").body["status"] == "open"

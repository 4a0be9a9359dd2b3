"""Lists, all alike: limits, cursors, and the address of the next page."""

import pytest

from projections.models import Account
from tests.api.caller import Caller
from tests.factories import AccountFactory, owner_of


def test_the_next_page_has_an_address_of_its_own(ada: Caller, adas: Account) -> None:
    for _ in range(4):
        AccountFactory.create(owner=owner_of(adas.account_id))
    first = ada.get("accounts", limit=2).body
    assert first["next"].startswith("http://testserver/api/v1/accounts?")
    second = ada.get(first["next"]).body
    third = ada.get(second["next"]).body
    assert [len(page["results"]) for page in (first, second, third)] == [2, 2, 1]
    assert third["next"] is None
    ids = [row["account_id"] for page in (first, second, third) for row in page["results"]]
    assert ids == sorted(ids, reverse=True)


def test_a_full_last_page_is_the_last(ada: Caller, adas: Account) -> None:
    assert ada.get("accounts", limit=1).body["next"] is None


@pytest.mark.parametrize("limit", ["0", "201", "-1", "abc", "", "1.5", "٥", "1_0", " 5", "9" * 30])
def test_a_limit_is_a_number_up_to_200(ada: Caller, adas: Account, limit: str) -> None:
    assert ada.get("accounts", limit=200).status == 200
    assert ada.get("accounts", limit=limit).refusal == (400, "MALFORMED", "limit")


@pytest.mark.parametrize("cursor", ["", "x", "5", "-1", "%00", "0190a6f2"])
def test_a_cursor_is_one_that_was_given(ada: Caller, adas: Account, cursor: str) -> None:
    assert ada.get("accounts", cursor=cursor).refusal == (400, "MALFORMED", "cursor")


@pytest.mark.parametrize("cursor", ["", "x", "-1", "1.0", "9" * 19, "9" * 40])
def test_so_is_one_that_is_a_position(ada: Caller, adas: Account, cursor: str) -> None:
    answer = ada.get(f"accounts/{adas.account_id}/entries", cursor=cursor)
    assert answer.refusal == (400, "MALFORMED", "cursor")


def test_a_misspelt_parameter_does_not_pass_for_one_left_out(ada: Caller, adas: Account) -> None:
    assert ada.get("accounts", limits=5).refusal == (400, "MALFORMED", "limits")
    assert ada.get("accounts?limit=1&limit=2").refusal == (400, "MALFORMED", "limit")


@pytest.mark.parametrize(
    "path",
    [
        *("customers", "accounts", "events", "trial-balance", "audit", "projections", "approvals", "volumes"),
        *("accounts/{id}/entries", "accounts/{id}/holds"),
    ],
)
def test_all_lists_have_one_shape(auditor: Caller, adas: Account, path: str) -> None:
    page = auditor.get(path.format(id=adas.account_id), limit=1).body
    assert page.keys() == {"results", "next", "position", "cursor"}
    assert isinstance(page["position"], int)

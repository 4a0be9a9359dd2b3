"""GET accounts/{id}/holds, GET holds/{id}."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.utils import timezone

from accounts.domain.commands import ExpireHolds, PlaceHold
from accounts.services.ids import new_id
from eventstore.execute import execute
from eventstore.log import cursor
from projections.models import Account, Hold
from tests.api.caller import Caller
from tests.api.conftest import caller_for
from tests.factories import CaptureFactory, HoldFactory, ReleaseFactory
from tests.history import opened, paid_in, registered, utc


def stamp(moment: object) -> str:
    return str(moment).replace(" ", "T").replace("+00:00", "Z")


def test_a_hold_tells_all_about_itself(ada: Caller, adas: Account) -> None:
    hold = HoldFactory.create(account=adas, amount=3_000, reference="Hotel")
    body = ada.get(f"holds/{hold.hold_id}").body
    assert body == {
        "hold_id": str(hold.hold_id),
        "account_id": str(adas.account_id),
        "amount": "30.00",
        "captured": "0.00",
        "currency": "EUR",
        "reference": "Hotel",
        "status": "open",
        "placed_at": stamp(hold.placed_at),
        "expires_at": stamp(hold.expires_at),
        "ended_at": None,
        "entry_id": None,
        "reason": "",
        "position": body["position"],
        "cursor": cursor(body["position"]),
    }
    assert body["position"] >= hold.position


def test_and_what_became_of_it(ada: Caller, adas: Account) -> None:
    captured, released, expired = (HoldFactory.create(account=adas, amount=1_000) for _ in range(3))
    entry = CaptureFactory.create(hold=captured, amount=750).answer["entry_id"]
    ReleaseFactory.create(hold=released, reason="Cancelled")
    late = timezone.now() + timedelta(days=8)
    execute(ExpireHolds(adas.account_id, late), "late", actor="system", recorded_at=late)
    first, second, third = (ada.get(f"holds/{hold.hold_id}").body for hold in (captured, released, expired))
    assert (first["status"], first["captured"], first["entry_id"]) == ("captured", "7.50", entry)
    assert (second["status"], second["reason"], second["captured"]) == ("released", "Cancelled", "0.00")
    assert (third["status"], third["ended_at"]) == ("expired", stamp(late))


def test_one_whose_time_is_over_is_open_until_its_end_stands_in_the_log(db: None) -> None:
    then, end = utc(2026, 1, 6), utc(2026, 1, 7)
    account = opened(registered(utc(2026, 1, 5)), then)
    paid_in(account, 1_000, then)
    command = PlaceHold(account.account_id, account.customer_id, new_id(), 1_000, then, end)
    execute(command, "1", actor="system", recorded_at=then)
    owner = caller_for(account)
    body = owner.get(f"holds/{command.hold_id}").body
    assert (body["status"], body["expires_at"]) == ("open", stamp(end))
    assert owner.get(f"accounts/{account.account_id}").body["held"] == "10.00"


def test_they_are_listed_newest_first_page_by_page(ada: Caller, adas: Account) -> None:
    made = [str(HoldFactory.create(account=adas, amount=100).hold_id) for _ in range(5)]
    page = ada.get(f"accounts/{adas.account_id}/holds", limit=2).body
    found = [row["hold_id"] for row in page["results"]]
    while page["next"]:
        page = ada.get(page["next"]).body
        found += [row["hold_id"] for row in page["results"]]
    assert found == made[::-1]


def test_those_in_one_state_can_be_asked_for(ada: Caller, adas: Account) -> None:
    open_one, other = (HoldFactory.create(account=adas, amount=100) for _ in range(2))
    ReleaseFactory.create(hold=other)
    path = f"accounts/{adas.account_id}/holds"
    assert [row["hold_id"] for row in ada.get(path, status="open").body["results"]] == [str(open_one.hold_id)]
    assert [row["hold_id"] for row in ada.get(path, status="released").body["results"]] == [str(other.hold_id)]
    assert ada.get(path, status="captured").body["results"] == []


@pytest.mark.parametrize(("name", "value"), [("status", "x"), ("status", ""), ("cursor", "5"), ("limit", "0")])
def test_refuses_what_it_can_not_take(ada: Caller, adas: Account, name: str, value: str) -> None:
    answer = ada.get(f"accounts/{adas.account_id}/holds", **{name: value})
    assert answer.refusal == (400, "MALFORMED", name)


@pytest.fixture
def bobs_hold(bobs: Account) -> Hold:
    return HoldFactory.create()


def test_somebody_elses_hold_is_as_good_as_none(ada: Caller, stranger: Caller, bobs_hold: Hold) -> None:
    for hold_id in (bobs_hold.hold_id, uuid4(), bobs_hold.account_id, "x", "%00"):
        assert ada.get(f"holds/{hold_id}").refusal == (404, "HOLD_NOT_FOUND", None)
    path = f"accounts/{bobs_hold.account_id}/holds"
    assert ada.get(path).refusal == (404, "ACCOUNT_NOT_FOUND", "account_id")
    assert (
        stranger.get(path).refusal == stranger.get(f"holds/{bobs_hold.hold_id}").refusal == (401, "NOT_SIGNED_IN", None)
    )


def test_staff_see_all(auditor: Caller, bobs_hold: Hold) -> None:
    assert auditor.get(f"holds/{bobs_hold.hold_id}").body["status"] == "open"
    (row,) = auditor.get(f"accounts/{bobs_hold.account_id}/holds").body["results"]
    assert row["hold_id"] == str(bobs_hold.hold_id)
    assert auditor.get(f"holds/{uuid4()}").refusal == (404, "HOLD_NOT_FOUND", None)

"""Times that are far away, or none: a clear refusal wherever they come in; what is stored already is shown."""

from datetime import UTC, datetime

import pytest
from django.test import Client
from django.utils import timezone

from accounts.domain.commands import PlaceHold
from accounts.domain.events import HoldPlaced
from accounts.services.ids import new_id
from accounts.users.models import User
from accounts.users.roles import Role
from eventstore import log
from eventstore.errors import PayloadRefused
from eventstore.execute import execute
from projections.models import Account, Hold
from tests.api.caller import Caller
from tests.factories import AccountFactory, CustomerFactory, StaffFactory

FAR = [
    "9999-12-31T23:59:59Z",
    "9999-12-31T23:59:59.999999-23:59",
    "9999-01-01T00:00:00Z",
    "0001-01-01T00:00:00Z",
    "0001-01-01T00:00:00+23:59",
    "9998-12-31T23:59:59-23:59",
]
NO_TIMES = [
    "2026-06-30T23:59:60Z",
    "2027-01-01T24:00:00Z",
    "2027-01-01T00:00:00+24:00",
    "2027-02-29T00:00:00Z",
    "0000-01-01T00:00:00Z",
    "10000-01-01T00:00:00Z",
    "-0001-01-01T00:00:00Z",
    "2027-01-01T00:00:00",
]
ENDS = ["9998-12-31T23:59:59Z", "9998-12-31T23:59:59+23:59", "2998-01-01T00:00:00-23:59"]
ZONES = ["Pacific/Kiritimati", "America/Adak", "Pacific/Pago_Pago", "Asia/Tokyo", "UTC"]


@pytest.fixture(params=ZONES)
def customer(db: None, request: pytest.FixtureRequest) -> User:
    customer: User = CustomerFactory.create(timezone=request.param)
    return customer


@pytest.fixture
def account(customer: User) -> Account:
    account: Account = AccountFactory.create(owner=customer, balance=10_000)
    return account


@pytest.fixture
def adas(db: None) -> Account:
    account: Account = AccountFactory.create(owner=CustomerFactory.create(), balance=10_000)
    return account


@pytest.fixture
def ada(adas: Account) -> Caller:
    return Caller.of(User.objects.get(customer_id=adas.customer_id))


@pytest.mark.parametrize("text", [*FAR, *NO_TIMES])
def test_a_hold_until_then_is_malformed(ada: Caller, adas: Account, text: str) -> None:
    answer = ada.post(f"accounts/{adas.account_id}/holds", {"amount": "1.00", "expires_at": text})
    assert answer.refusal == (400, "MALFORMED", "expires_at")
    assert not Hold.objects.exists()


@pytest.mark.parametrize("text", [*FAR, *NO_TIMES])
def test_so_is_an_effective_date(ada: Caller, adas: Account, text: str) -> None:
    answer = ada.post(f"accounts/{adas.account_id}/deposits", {"amount": "1.00", "effective_at": text})
    assert answer.refusal == (400, "MALFORMED", "effective_at")


@pytest.mark.parametrize("text", ["9999-12-31T23:59:59.999999-23:59", "0001-01-01T00:00:00+23:59", *NO_TIMES])
def test_so_is_a_time_in_an_address(ada: Caller, adas: Account, text: str) -> None:
    answer = ada.get(f"accounts/{adas.account_id}/balance", as_of=text)
    assert answer.refusal == (400, "MALFORMED", "as_of")
    staff = Caller.of(StaffFactory.create(role=Role.AUDITOR))
    answer = staff.get(f"streams/account/{adas.account_id}", at=text)
    assert answer.refusal == (400, "MALFORMED", "at")


@pytest.mark.parametrize("axis", ["recorded", "effective"])
def test_the_whole_calendar_may_be_asked_for_as_nothing_of_it_is_stored(ada: Caller, adas: Account, axis: str) -> None:
    path, staff = f"accounts/{adas.account_id}/balance", Caller.of(StaffFactory.create(role=Role.AUDITOR))
    first, last = "0001-01-01T00:00:00Z", "9999-12-31T23:59:59.999999Z"
    assert ada.get(path, as_of=first, axis=axis).refusal == (404, "ACCOUNT_NOT_FOUND", "account_id")
    assert ada.get(path, as_of=last, axis=axis).body["balance"] == "100.00"
    assert staff.get(f"streams/account/{adas.account_id}", at=first).status in {200, 404}
    assert staff.get(f"streams/account/{adas.account_id}", at=last).body["state"]["balance"] == 10_000


@pytest.mark.parametrize("text", ENDS)
def test_the_last_times_are_taken_and_shown_in_every_zone(
    customer: User, account: Account, client: Client, text: str
) -> None:
    answer = Caller.of(customer).post(f"accounts/{account.account_id}/holds", {"amount": "1.00", "expires_at": text})
    assert answer.status == 201
    assert_shown(customer, account, client)


@pytest.mark.parametrize("expires_at", [datetime.max.replace(tzinfo=UTC), datetime.min.replace(tzinfo=UTC)])
def test_a_hold_that_is_stored_already_is_shown_in_every_zone(
    customer: User, account: Account, client: Client, expires_at: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    place_as_before(account, expires_at, monkeypatch)
    assert_shown(customer, account, client)


def place_as_before(account: Account, expires_at: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    """Append the event that a version without bounds recorded."""
    event = HoldPlaced(account.account_id, new_id(), 100, "EUR", 100, expires_at, "")
    with monkeypatch.context() as patch:
        patch.setattr("eventstore.messages.payload.must_be_moment", lambda _: None)
        log.append("account", account.account_id, [event], actor="system")


def assert_shown(customer: User, account: Account, client: Client) -> None:
    hold = Hold.objects.get(account_id=account.account_id)
    client.force_login(customer)
    assert client.get(f"/accounts/{account.account_id}").status_code == 200
    api = Caller.of(customer)
    assert api.get(f"accounts/{account.account_id}/holds").status == 200
    assert api.get(f"holds/{hold.hold_id}").status == 200
    client.force_login(StaffFactory.create(role=Role.AUDITOR))
    for path in (f"hold/{hold.hold_id}/", "hold/", f"account/{account.account_id}/"):
        assert client.get(f"/admin/projections/{path}", follow=True).status_code == 200
    (event,) = (
        record.position for record in log.read_stream(account.account_id) if record.type.endswith("hold_placed")
    )
    assert client.get(f"/admin/eventstore/event/{event}/", follow=True).status_code == 200


@pytest.mark.parametrize("expires_at", [datetime.max.replace(tzinfo=UTC), datetime.min.replace(tzinfo=UTC)])
def test_whoever_goes_past_the_api_can_not_store_it(adas: Account, expires_at: datetime) -> None:
    command = PlaceHold(adas.account_id, adas.customer_id, new_id(), 1, timezone.now(), expires_at)
    with pytest.raises(PayloadRefused, match="years 2 to 9998"):
        execute(command, new_id(), actor="system")
    event = HoldPlaced(adas.account_id, new_id(), 100, "EUR", 100, expires_at, "")
    with pytest.raises(PayloadRefused, match="years 2 to 9998"):
        log.append("account", adas.account_id, [event], actor="system")


@pytest.mark.parametrize("period", ["0000-00", "0000-01", "0001-01", "9999-12", "9999-13", "2026-1", "99999-01"])
def test_months_that_never_were_are_not_found(ada: Caller, adas: Account, client: Client, period: str) -> None:
    path = f"accounts/{adas.account_id}/statements"
    for kind in ("", ".csv", ".pdf"):
        assert ada.get(f"{path}/{period}{kind}").status == 404
    client.force_login(User.objects.get(customer_id=adas.customer_id))
    assert client.get(f"/{path}/{period}").status_code == 404
    assert client.get(f"/{path}?before={period}").status_code == 200
    assert ada.get(path, cursor=period).status in {200, 400}


@pytest.mark.parametrize("day", ["0001-01-01", "9999-12-31"])
def test_days_that_never_were_give_no_days(ada: Caller, adas: Account, day: str) -> None:
    answer = ada.get(f"accounts/{adas.account_id}/daily-balances", **{"from": day, "to": day})
    assert answer.body["results"] == []
    assert Caller.of(StaffFactory.create()).get("volumes", to=day).status == 200


@pytest.mark.parametrize("text", [*FAR, *NO_TIMES[:6]])
def test_the_time_filter_of_the_admin_leads_to_the_whole_list(db: None, client: Client, text: str) -> None:
    client.force_login(StaffFactory.create(role=Role.AUDITOR))
    for parameter in ("since", "until"):
        answer = client.get("/admin/eventstore/event/", {parameter: text})
        assert answer.status_code in {200, 302}

"""One account's trouble is its own: the others get their statements and checks, and their holds expire."""

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.core.checks import run_checks
from django.core.management import call_command
from django.db import DataError, InternalError
from django.test import Client
from django.utils import timezone

from accounts.domain.events import AccountOpened, CustomerDetailsUpdated
from accounts.services.ids import new_id
from accounts.users.models import User
from eventstore import due, log
from eventstore.errors import UnknownMessage
from eventstore.execution.scheduler import run
from projections.ledger.check import check
from projections.management.commands import issue_statements
from projections.models import Account, Customer, Hold, Statement
from projections.statements import calendar, issuance, months
from projections.statements.issuance import Report, issue
from projections.statements.months import Line, Month
from tests.api.caller import Caller
from tests.factories import AccountFactory, CustomerFactory, DepositFactory, HoldFactory, LimitsFactory
from tests.history import opened, paid_in, registered, utc
from tests.tampering import rewrite_rows

pytestmark = pytest.mark.django_db

UNKNOWN = [
    "localtime",
    "Factory",
    "posixrules",
    "right/UTC",
    "Mars/Olympus_Mons",
    "../etc/passwd",
    "Europe/berlin",
    "é",
]


def opened_in(owner: User, zone: str) -> Account:
    """An account in a zone that no version takes by now."""
    assert owner.customer_id
    account_id = new_id()
    event = AccountOpened(account_id, owner.customer_id, "EUR", "Odd", zone, utc(2026, 1, 10))
    log.append("account", account_id, [event], actor="system")
    rewrite_rows(Account, {"account_id": account_id}, opened_at=utc(2026, 1, 10))
    return Account.objects.get(account_id=account_id)


@pytest.fixture
def several() -> list[Account]:
    ada = registered(utc(2026, 1, 5))
    accounts = [opened(ada, utc(2026, 1, 10)) for _ in range(5)]
    for number, account in enumerate(accounts):
        paid_in(account, 10 + number, utc(2026, 2, 3))
    return accounts


@pytest.mark.parametrize("zone", UNKNOWN)
def test_an_account_in_an_unknown_zone_counts_as_in_utc(several: list[Account], client: Client, zone: str) -> None:
    owner = User.objects.get(customer_id=several[0].customer_id)
    odd = opened_in(owner, zone)
    LimitsFactory.create(account=odd, daily_out=500)
    assert DepositFactory.create(account=odd, amount=700).accepted
    report = issue()
    assert (report.broken, report.accounts) == (0, 6)
    assert Statement.objects.filter(account_id=odd.account_id).first().timezone == "UTC"  # type: ignore[union-attr]
    client.force_login(owner)
    path = f"/accounts/{odd.account_id}"
    for address in (path, f"{path}/statements", f"{path}/statements/2026-01", f"{path}/statements/2026-01.pdf"):
        assert client.get(address).status_code == 200
    api = Caller.of(owner)
    for resource in ("", "/daily-balances", "/statements", "/statements/2026-01", "/entries", "/balance"):
        assert api.get(f"accounts/{odd.account_id}{resource}").status == 200
    assert check(patience=0).kinds.keys() <= {"sum of journal legs"}


@pytest.mark.parametrize("zone", ["localtime", "US/Eastern"])
def test_so_does_a_customer_who_can_choose_another_one(client: Client, zone: str) -> None:
    customer = CustomerFactory.create()
    assert customer.customer_id
    details = CustomerDetailsUpdated(customer.customer_id, timezone=zone)
    log.append("customer", customer.customer_id, [details], actor="system")
    account = AccountFactory.create(owner=customer, balance=100)
    assert account.timezone == {"localtime": "UTC", "US/Eastern": "America/New_York"}[zone]
    HoldFactory.create(account=account, amount=10)
    client.force_login(customer)
    assert client.get(f"/accounts/{account.account_id}").status_code == 200
    form = client.get("/profile").context["form"]
    assert form["timezone"].value() == account.timezone
    sent = {name: form[name].value() for name in form.fields}
    client.post("/profile", sent)
    stored = log.current("customer", customer.customer_id).timezone
    assert stored == {"localtime": "UTC", "US/Eastern": "US/Eastern"}[zone]


def test_the_doctor_names_accounts_and_customers_in_unknown_zones(capsys: pytest.CaptureFixture[str]) -> None:
    customer = CustomerFactory.create()
    odd = opened_in(customer, "localtime")
    rewrite_rows(Customer, {"pk": customer.customer_id}, timezone="Factory")
    with pytest.raises(SystemExit) as ended:
        call_command("doctor", "--json")
    assert ended.value.code == 3
    says = [finding["says"] for finding in json.loads(capsys.readouterr().out)["findings"]]
    assert [line for line in says if "'localtime'" in line and str(odd.account_id) in line]
    assert [line for line in says if "'Factory'" in line and str(customer.customer_id) in line]
    found = [message for message in run_checks(databases=["default"]) if message.id == "projections.W001"]
    assert found
    assert not any(message.is_serious() for message in found)  # programs start all the same


@pytest.fixture(params=[RuntimeError("odd"), DataError("odd")], ids=["an error", "of the database"])
def troubled(several: list[Account], request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Account:
    """An account whose statements can't be computed."""
    odd = several[2]

    def compute_months(account: Account, *args: Any, **options: Any) -> Iterator[Month]:
        if account == odd:
            raise request.param
        return months.compute_months(account, *args, **options)

    monkeypatch.setattr(issuance, "compute_months", compute_months)
    return odd


def test_the_others_get_their_statements(
    several: list[Account], troubled: Account, capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    with pytest.raises(SystemExit) as ended:
        call_command("issue_statements", "--json")
    assert ended.value.code == 3
    told = json.loads(capsys.readouterr().out)
    assert (told["accounts"], told["broken"], len(told["named"])) == (4, 1, 1)
    assert str(troubled.account_id) in told["named"][0]
    issued = set(Statement.objects.values_list("account_id", flat=True))
    assert issued == {account.account_id for account in several} - {troubled.account_id}
    assert caplog.text.count(f"for the account {troubled.account_id}") == 1


def test_a_calendar_that_fails_is_one_accounts_trouble(several: list[Account], monkeypatch: pytest.MonkeyPatch) -> None:
    odd = several[0]
    monkeypatch.setattr(
        issuance, "Calendar", lambda account, last: 1 / 0 if account == odd else calendar.Calendar(account, last)
    )
    report = issue()
    assert (report.accounts, report.broken) == (4, 1)


def test_a_database_that_fails_is_nobodys(several: list[Account], monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: Any, **__: Any) -> None:
        raise InternalError("out of order")

    monkeypatch.setattr(issuance, "_computed", fail)
    with pytest.raises(InternalError):
        issue()


def test_the_watcher_goes_on_after_any_error(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    runs: list[object] = []

    def run(*, stop: Any, **_: Any) -> Report:
        runs.append(stop)
        if len(runs) > 1:
            stop.set()
        raise ZeroDivisionError

    monkeypatch.setattr(issue_statements, "issue", run)
    monkeypatch.setattr(issue_statements, "WATCH_INTERVAL_SECONDS", 0)
    monkeypatch.setattr("signal.signal", lambda *_: None)
    call_command("issue_statements", "--watch")
    assert len(runs) == 2
    assert "tried again" in caplog.text


def test_the_others_are_checked(several: list[Account], monkeypatch: pytest.MonkeyPatch) -> None:
    odd = several[1]
    rewrite_rows(Account, {"account_id": several[3].account_id}, balance=1)
    compare = Line.signed_amount.fget  # type: ignore[attr-defined]

    def signed_amount(line: Line) -> int:
        if line.amount == 11:
            raise ZeroDivisionError
        return compare(line)  # type: ignore[no-any-return]

    monkeypatch.setattr(Line, "signed_amount", property(signed_amount))
    findings = check(patience=0)
    assert findings.kinds["account that can't be checked"] == 1
    assert findings.kinds["balance of the account"] == 1
    assert str(odd.account_id) in {difference.account for difference in findings.named}
    assert findings.kinds.keys() <= {
        *("account that can't be checked", "balance of the account", "sum of journal legs", "journal"),
    }


def test_an_event_that_can_not_be_read_hides_no_other_account(
    several: list[Account], monkeypatch: pytest.MonkeyPatch
) -> None:
    odd, read = several[1].account_id, log.read_stream

    def read_stream(stream_id: UUID, **options: Any) -> Any:
        if stream_id == odd:
            raise UnknownMessage("gone")
        yield from read(stream_id, **options)

    def read_streams(stream_ids: Any) -> Any:
        raise UnknownMessage("gone")

    monkeypatch.setattr(log, "read_stream", read_stream)
    monkeypatch.setattr(log, "read_streams", read_streams)
    findings = check(patience=0)
    assert [difference.account for difference in findings.named if "checked" in difference.what] == [str(odd)]


def test_holds_expire_also_in_an_account_in_an_unknown_zone() -> None:
    accounts = [opened_in(CustomerFactory.create(), "localtime"), AccountFactory.create(balance=100)]
    DepositFactory.create(account=accounts[0], amount=100)
    for account in accounts:
        HoldFactory.create(account=account, amount=10, expires_in=timedelta(minutes=1))
    later = timezone.now() + timedelta(minutes=2)
    log.close_until({account.account_id: later for account in accounts})  # so it is that time there
    report = run(due.tasks["expire_holds"], later)
    assert (report.executed, report.failed) == (2, 0)
    assert not Hold.objects.filter(status=Hold.Status.OPEN).exists()

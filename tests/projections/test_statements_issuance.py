"""`manage.py issue_statements` issues each month that is over, once and for ever."""

import json
import signal
import subprocess
import sys
import threading
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, OperationalError, connection, connections, transaction
from django.utils import timezone

from eventstore.errors import AppendOnly, BackwardsInTime
from eventstore.models import Projection
from projections.management.commands import issue_statements
from projections.models import Account, Entry, Statement
from projections.statements import issuance
from projections.statements.calendar import GRACE, months_over
from projections.statements.issuance import issue
from projections.statements.months import Month
from tests.factories import AccountFactory, DepositFactory
from tests.history import opened, paid_in, registered, sent, taken_out, utc
from tests.tampering import rewrite_rows

pytestmark = pytest.mark.django_db


@pytest.fixture
def account() -> Account:
    account = opened(registered(utc(2026, 1, 5)), utc(2026, 1, 10))
    paid_in(account, 100, utc(2026, 1, 20), "Salary")
    taken_out(account, 30, utc(2026, 3, 3))
    return account


def told(capsys: pytest.CaptureFixture[str]) -> Any:
    call_command("issue_statements", "--json")
    return json.loads(capsys.readouterr().out)


def test_each_month_that_is_over_gets_a_numbered_statement_that_chains(account: Account) -> None:
    issue()
    issued = list(Statement.objects.filter(account_id=account.account_id).order_by("number"))
    assert [one.number for one in issued] == list(range(1, len(issued) + 1))
    assert [one.period for one in issued[:3]] == ["2026-01", "2026-02", "2026-03"]
    assert [one.closing for one in issued[:3]] == [100, 100, 70]
    assert [one.opening for one in issued] == [0, *[one.closing for one in issued[:-1]]]
    assert [one.entries for one in issued[:4]] == [1, 0, 1, 0]
    assert issued[1].first_position is issued[1].last_position is None
    assert issued[0].first_position == Entry.objects.get(reference="Salary").position


def test_to_issue_again_issues_nothing(account: Account, capsys: pytest.CaptureFixture[str]) -> None:
    first = told(capsys)
    assert first == {"accounts": 1, "issued": Statement.objects.count(), "broken": 0, "named": []}
    assert first["issued"] > 3
    assert told(capsys) == {"accounts": 0, "issued": 0, "broken": 0, "named": []}


def test_what_was_issued_in_two_goes_is_the_same_as_in_one(account: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    with transaction.atomic():
        issue()
        at_once = statements()
        transaction.set_rollback(True)
    monkeypatch.setattr(issuance, "months_over", lambda *_: 2)
    issue()
    assert len(statements()) == 2
    monkeypatch.undo()
    issue()
    assert statements() == at_once


def statements() -> list[Month]:
    found = Statement.objects.order_by("number")
    return [replace(Month.from_statement(statement), issued_at=None) for statement in found]


def test_a_month_that_goes_on_is_not_issued() -> None:
    DepositFactory.create(account=AccountFactory.create())
    assert issue().issued == 0


def test_a_month_is_over_a_little_after_its_end(account: Account) -> None:
    end = utc(2026, 4, 1)
    assert months_over(account, end + GRACE - timedelta(seconds=1), None) == 2
    assert months_over(account, end + GRACE, None) == 3


def test_many_accounts_are_issued_in_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(issuance, "ACCOUNTS_PER_LOCK", 2)
    monkeypatch.setattr(issuance, "ACCOUNTS_PER_PAGE", 3)
    owner = registered(utc(2026, 1, 1))
    accounts = [opened(owner, utc(2026, 1 + number // 3, 2), timezone=zone) for number, zone in enumerate(ZONES)]
    for number, account in enumerate(accounts[::2]):
        paid_in(account, 10 + number, utc(2026, 5, 3 + number))
        sent(account, accounts[1], 3, utc(2026, 5, 3 + number, 1))
    looked_at: list[int] = []
    issue(progress=looked_at.append)
    assert sum(looked_at) == len(accounts)
    for account in accounts:
        own = list(Statement.objects.filter(account_id=account.account_id).order_by("number"))
        assert own[0].opening == 0
        assert own[-1].closing == Account.objects.get(pk=account.pk).balance
        assert sum(one.entries for one in own) == Entry.objects.filter(account_id=account.account_id).count()


ZONES = ["UTC", "Asia/Tokyo", "America/New_York", "Pacific/Kiritimati", "Pacific/Pago_Pago", "Europe/London", "UTC"]


def test_entries_that_contradict_each_other_are_named_and_never_issued(
    account: Account, capsys: pytest.CaptureFixture[str]
) -> None:
    other = opened(registered(utc(2026, 5, 1), "Bob", "bob@example.org"), utc(2026, 5, 2))
    rewrite_rows(Entry, {"account_id": account.account_id, "amount": 30}, amount=31)
    with pytest.raises(SystemExit) as ended:
        call_command("issue_statements")
    assert ended.value.code == 3
    said = capsys.readouterr().out
    assert f"{account.account_id}: 2026-03" in said
    assert list(Statement.objects.filter(account_id=account.account_id).values_list("period", flat=True)) == [
        "2026-01",
        "2026-02",
    ]
    assert Statement.objects.filter(account_id=other.account_id).exists()


def test_nothing_is_issued_from_read_models_that_wait_to_be_built(account: Account) -> None:
    Projection.objects.filter(name="entries").update(version=0)
    with pytest.raises(CommandError, match="rebuild_projections entries"):
        call_command("issue_statements")
    assert not Statement.objects.exists()


@pytest.mark.parametrize("change", ["UPDATE {} SET closing = 0", "DELETE FROM {}", "DELETE FROM {} WHERE number = 1"])
def test_the_database_refuses_to_change_what_was_issued(account: Account, change: str) -> None:
    issue()
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(change.format("projections_statement"))


@pytest.mark.postgresql
def test_the_database_refuses_to_truncate_it_whoever_asks(account: Account) -> None:
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("TRUNCATE projections_statement")
    with connection.cursor() as cursor:
        cursor.execute("SELECT tgenabled FROM pg_trigger WHERE tgrelid = 'projections_statement'::regclass")
        assert cursor.fetchall() == [("A",)]


@pytest.mark.sqlite
def test_replace_is_no_way_round(account: Account) -> None:
    issue()
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("INSERT OR REPLACE INTO projections_statement SELECT * FROM projections_statement")


def test_the_model_refuses_before_the_database_does(account: Account) -> None:
    issue()
    statement = Statement.objects.order_by("number")[0]
    for change in (statement.save, statement.delete):
        with pytest.raises(AppendOnly):
            change()


def test_a_month_is_issued_once(account: Account) -> None:
    issue()
    twin = Statement.objects.order_by("number")[0]
    twin.pk = None
    with pytest.raises(DatabaseError), transaction.atomic():
        Statement.objects.bulk_create([twin])


def test_history_is_not_imported_into_a_month_that_was_issued(account: Account) -> None:
    other = opened(registered(utc(2026, 3, 4), "Bob", "bob@example.org"), utc(2026, 3, 5))
    issue()
    with pytest.raises(BackwardsInTime, match=r"is issued"):
        paid_in(account, 1, utc(2026, 3, 6))
    with pytest.raises(BackwardsInTime, match=r"is issued"):
        sent(account, other, 1, utc(2026, 4, 6))
    last = datetime.strptime(Statement.objects.latest("number").period, "%Y-%m").replace(tzinfo=UTC)
    with pytest.raises(BackwardsInTime, match=r"is issued"):
        paid_in(account, 1, last)
    assert Entry.objects.count() == 2
    paid_in(account, 1, timezone.now())
    DepositFactory.create(account=account)


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_who_may_still_write_into_the_month_is_waited_for() -> None:
    """A transaction that read its time before the month ended, and commits long after it."""
    account = opened(registered(utc(2026, 1, 5)), utc(2026, 1, 10))
    holds, may_commit = threading.Event(), threading.Event()

    def write_late() -> None:
        with transaction.atomic():
            paid_in(account, 100, utc(2026, 1, 20))
            holds.set()
            may_commit.wait(20)
        connections.close_all()

    def issue_now() -> None:
        issue()
        connections.close_all()

    writer, issuer = threading.Thread(target=write_late), threading.Thread(target=issue_now)
    writer.start()
    holds.wait(20)
    issuer.start()
    while issuer.is_alive() and not _somebody_waits():
        pass
    assert not Statement.objects.exists()
    may_commit.set()
    writer.join(20)
    issuer.join(20)
    assert Statement.objects.get(number=1).closing == 100


def _somebody_waits() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_locks WHERE NOT granted")
        return bool(cursor.fetchone()[0])


@pytest.mark.django_db(transaction=True)
def test_two_who_issue_at_the_same_time_issue_each_month_once() -> None:
    owner = registered(utc(2026, 1, 1))
    for day in range(2, 8):
        paid_in(opened(owner, utc(2026, 1, day)), 100, utc(2026, 1, day, 1))
    reports, start = list[Any](), threading.Barrier(3)

    def run() -> None:
        start.wait()
        reports.append(issue())
        connections.close_all()

    threads = [threading.Thread(target=run) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert sum(report.issued for report in reports) == Statement.objects.count()
    assert Statement.objects.filter(number=1).count() == 6


@pytest.mark.django_db(transaction=True)
def test_it_watches_until_it_is_told_to_stop(program_environment: dict[str, str]) -> None:
    paid_in(opened(registered(utc(2026, 1, 5)), utc(2026, 1, 10)), 100, utc(2026, 1, 20))
    command = [sys.executable, "manage.py", "issue_statements", "--watch", "--json"]
    with subprocess.Popen(command, env=program_environment, stdout=subprocess.PIPE, text=True) as program:
        assert program.stdout
        report = json.loads(program.stdout.readline())
        program.send_signal(signal.SIGTERM)
        assert program.wait() == 0
    assert report["issued"] == Statement.objects.count() > 0


def test_what_goes_wrong_while_it_watches_is_logged_and_tried_again(
    account: Account, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    handlers = dict[Any, Any]()
    monkeypatch.setattr(signal, "signal", handlers.__setitem__)
    monkeypatch.setattr(issue_statements, "WATCH_INTERVAL_SECONDS", 0)
    monkeypatch.setattr(issue_statements, "close_old_connections", lambda: None)
    tries = iter([issuance.CannotIssue("not yet"), OperationalError("away")])

    def fail_twice(**options: Any) -> issuance.Report:
        if error := next(tries, None):
            raise error
        handlers[signal.SIGTERM]()
        return issue(**{**options, "stop": None})

    monkeypatch.setattr(issue_statements, "issue", fail_twice)
    call_command("issue_statements", "--watch")
    assert caplog.text.count("could not be issued") == 2
    assert Statement.objects.exists()

"""`manage.py analyse`: what its views say is what the read models say; asked for in SQL, as a table, JSON or CSV."""

import json
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db.models import Sum
from django.utils import timezone

from accounts.domain.commands import Withdraw
from accounts.services.ids import new_id
from eventstore import feed
from eventstore.execute import execute
from projections.models import Account, AuditLine, Entry
from tests.factories import (
    AccountFactory,
    AdjustmentFactory,
    CaptureFactory,
    DepositFactory,
    ReversalFactory,
    TransferFactory,
    WithdrawalFactory,
    owner_of,
)

pytestmark = pytest.mark.django_db(transaction=True)


def analyse(*arguments: str) -> str:
    out = StringIO()
    call_command("analyse", *arguments, stdout=out)
    return out.getvalue()


def view(name: str, *arguments: str) -> list[dict[str, Any]]:
    report = json.loads(analyse("--view", name, "--json", *arguments))
    assert report["position"] == feed.tidemark()
    rows: list[dict[str, Any]] = report["rows"]
    return rows


def move_money() -> None:
    AccountFactory.create(currency="JPY")
    DepositFactory.create(amount=250)
    WithdrawalFactory.create()
    TransferFactory.create()
    CaptureFactory.create(amount=40)
    ReversalFactory.create()
    AdjustmentFactory.create(amount=-3, account=AccountFactory.create(balance=10))


def test_balances_are_those_of_the_accounts() -> None:
    move_money()
    expected = Account.objects.values("currency").annotate(balance=Sum("balance"))
    found = {row["currency"]: row for row in view("balances")}
    assert {currency: row["balance"] for currency, row in found.items()} == {
        row["currency"]: row["balance"] for row in expected
    }
    euros = Account.objects.filter(currency="EUR")
    assert found["EUR"]["accounts"] == euros.count()
    assert found["EUR"]["with_money"] == euros.filter(balance__gt=0).count()


def test_flows_are_those_of_the_entries(tmp_path: Path) -> None:
    move_money()
    call_command("archive", str(tmp_path / "archive"), stdout=StringIO())
    DepositFactory.create(amount=1)
    rows = view("flows", "--archive", str(tmp_path / "archive"))
    total = {name: sum(row[name] for row in rows) for name in rows[0] if name not in {"day", "currency"}}
    assert total["entries"] == Entry.objects.count()
    assert (
        total["paid_in"] - total["paid_out"] + total["reversed"] + total["adjusted"]
        == (Account.objects.aggregate(sum=Sum("balance"))["sum"])
    )
    assert (total["transferred"], total["reversed"], total["adjusted"]) == (100, -100, -3)


def test_a_table_says_how_far_it_goes() -> None:
    AccountFactory.create(label="=1+1\x1b[31m")
    shown = analyse("SELECT data ->> 'label' AS label, 7 AS seven FROM events WHERE type = 'account.opened'")
    lines = shown.splitlines()
    assert lines[0].split() == ["label", "seven"]
    assert "\x1b" not in shown
    assert lines[-1] == f"Up to position {feed.tidemark():,}, all from the database."
    assert "No rows." in analyse("SELECT 1 WHERE false")
    assert "more than 2 rows" in analyse("SELECT * FROM range(3)", "--limit", "2")


def test_a_csv_has_all_rows_and_no_formula() -> None:
    AccountFactory.create(label="=1+1")
    assert analyse("--csv", "SELECT data ->> 'label' AS label, -1 AS n FROM events WHERE type = 'account.opened'") == (
        "label,n\r\n'=1+1,-1\r\n"
    )
    assert len(analyse("--csv", "SELECT * FROM range(5000)").splitlines()) == 5_001


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "Ask something"),
        (["--view", "none"], "There are: activity, balances, flows, refusals"),
        (["SELECT nothing"], "was not found"),
        (["DELETE FROM events"], "only a SELECT"),
        (["SELECT 1", "--archive", "/no/such/folder"], "manage.py archive /no/such/folder"),
        (["SELECT 1", "--to-position", "99999999"], "not reached yet"),
    ],
)
def test_what_cannot_be_answered_is_told_in_a_sentence(arguments: list[str], said: str) -> None:
    with pytest.raises(CommandError) as refused:
        analyse(*arguments)
    assert said in str(refused.value)
    assert refused.value.returncode == 1


@pytest.mark.once("it reads no database")
def test_views_are_listed() -> None:
    assert [each["name"] for each in json.loads(analyse("--list", "--json"))] == [
        "activity",
        "balances",
        "flows",
        "refusals",
    ]
    assert "balances: What the accounts hold" in analyse("--list")


def test_refusals_are_those_of_the_audit_trail() -> None:
    account = AccountFactory.create(balance=10)
    for amount in (11, 12):
        overdraw(account, amount)
    assert AuditLine.objects.filter(code="INSUFFICIENT_FUNDS").count() == 2
    (row,) = view("refusals")
    assert (row["code"], row["command"], row["refusals"]) == ("INSUFFICIENT_FUNDS", "account.withdraw", 2)


def overdraw(account: Account, amount: int) -> None:
    order = Withdraw(account.account_id, account.customer_id, new_id(), amount, timezone.now())
    assert not execute(order, new_id(), actor=owner_of(account.account_id).actor).accepted

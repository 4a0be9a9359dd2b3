"""`manage.py check_ledger` names each fault that a test plants in the books."""

import json
import threading
from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.core.management import CommandError, call_command
from django.db import connections

from eventstore.models import Event, Parked, Projection, Stream
from eventstore.projecting.runner.runner import Runner
from projections.ledger import batches
from projections.ledger.check import check
from projections.models import Account, Entry, Hold, JournalLeg, Statement
from projections.statements.issuance import issue
from tests.factories import (
    AccountFactory,
    AdjustmentFactory,
    CaptureFactory,
    ClosureFactory,
    DepositFactory,
    HoldFactory,
    OverdraftFactory,
    ReleaseFactory,
    ReversalFactory,
    TransferFactory,
    WithdrawalFactory,
)
from tests.history import opened, paid_in, registered, sent, taken_out, utc
from tests.tampering import forge_rows, plant_rows, rewrite_rows

pytestmark = pytest.mark.django_db


@pytest.fixture
def adas(db: None) -> Account:
    """Books with issued months, and with every kind of event of an account."""
    ada, bob = registered(utc(2026, 1, 5)), registered(utc(2026, 1, 6), "Bob", "bob@example.org")
    adas, bobs = opened(ada, utc(2026, 1, 10), timezone="Asia/Tokyo"), opened(bob, utc(2026, 1, 11))
    paid_in(adas, 1_000, utc(2026, 1, 20), "Salary")
    taken_out(adas, 30, utc(2026, 3, 3), "Cash")
    sent(adas, bobs, 200, utc(2026, 4, 4), "Dinner")
    issue()
    transfer = TransferFactory.create(source=adas, target=bobs, amount=50)
    ReversalFactory.create(entry_id=transfer.answer["entry_id"])
    ReversalFactory.create(entry_id=DepositFactory.create(account=adas, amount=70).answer["entry_id"])
    CaptureFactory.create(hold=HoldFactory.create(account=adas, amount=100), amount=60)
    ReleaseFactory.create(hold=HoldFactory.create(account=adas, amount=100))
    HoldFactory.create(account=adas, amount=25, expires_in=timedelta(days=1))
    AdjustmentFactory.create(account=bobs, amount=-15)
    OverdraftFactory.create(account=bobs, limit=500)
    WithdrawalFactory.create(account=bobs, amount=400)
    ClosureFactory.create(account=AccountFactory.create(owner=ada, balance=300), sweep_to=adas)
    AccountFactory.create(owner=ada, currency="JPY", balance=12)
    Runner(["journal_legs"]).catch_up()
    return Account.objects.get(pk=adas.pk)


def found(**options: Any) -> list[tuple[str, str, Any, Any]]:
    """The differences that a check names: account, thing, expected value and value found."""
    return [tuple(difference) for difference in check(patience=0, **options).named]


def kinds(**options: Any) -> set[str]:
    return set(check(patience=0, **options).kinds)


def test_books_that_nobody_touched_are_right(adas: Account) -> None:
    findings = check(patience=0)
    assert findings.named == []
    assert findings.accounts == Account.objects.count()
    assert findings.entries == Entry.objects.count()
    assert findings.statements == Statement.objects.count() > 10
    assert findings.events == Event.objects.filter(category="account").count()
    assert findings.position == Event.objects.filter(category="account").latest("position").position
    assert findings.unread == 0


@pytest.mark.parametrize(("events", "accounts"), [(1, 1), (10, 500), (5_000, 2)])
def test_accounts_are_read_in_batches_of_any_size(
    adas: Account, monkeypatch: pytest.MonkeyPatch, events: int, accounts: int
) -> None:
    monkeypatch.setattr(batches, "MAX_EVENTS", events)
    monkeypatch.setattr(batches, "MAX_ACCOUNTS", accounts)
    read: list[int] = []
    findings = check(patience=0, progress=read.append)
    assert findings.named == []
    assert sum(read) == findings.events == Event.objects.filter(category="account").count()
    rewrite_rows(Entry, {"reference": "Dinner", "account_id": adas.account_id}, amount=201)
    assert "amount of entry" in kinds()


def test_the_balance_of_the_account(adas: Account) -> None:
    rewrite_rows(Account, {"pk": adas.pk}, balance=adas.balance + 1)
    assert found() == [(str(adas.pk), "balance of the account", adas.balance, adas.balance + 1)]


def test_what_is_held_in_the_account(adas: Account) -> None:
    rewrite_rows(Account, {"pk": adas.pk}, held=0)
    assert found() == [(str(adas.pk), "held by the account", 25, 0)]


@pytest.mark.parametrize("change", [{"amount": 24}, {"status": "released"}])
def test_an_open_hold(adas: Account, change: dict[str, Any]) -> None:
    rewrite_rows(Hold, {"account_id": adas.pk, "status": "open"}, **change)
    assert found() == [(str(adas.pk), "sum of open holds", 25, 24 if "amount" in change else 0)]


@pytest.mark.parametrize(
    ("old", "new", "kind"),
    [('"balance":{balance}', '"balance":1', "balance of the head"), ('"amount":25', '"amount":26', "held by the head")],
)
def test_the_head(adas: Account, old: str, new: str, kind: str) -> None:
    state = str(Stream.objects.get(pk=adas.pk).state)
    before = old.format(balance=adas.balance)
    assert before in state
    rewrite_rows(Stream, {"pk": adas.pk}, state=state.replace(before, new))
    assert kinds() == {kind}


def test_the_last_entry(adas: Account) -> None:
    last = Entry.objects.filter(account_id=adas.pk).latest("position")
    rewrite_rows(Entry, {"pk": last.pk}, balance=5)
    assert [difference[1:] for difference in found()] == [
        (f"balance of entry at position {last.position}", adas.balance, 5),
        (f"balance after entry at position {last.position}", adas.balance, 5),
        ("balance of the last entry", adas.balance, 5),
    ]


def test_an_entry_in_the_middle(adas: Account) -> None:
    entry = Entry.objects.get(reference="Cash")
    rewrite_rows(Entry, {"pk": entry.pk}, amount=31)
    named = [what for _, what, _, _ in found()]
    assert f"amount of entry at position {entry.position}" in named
    assert f"balance after entry at position {entry.position}" in named
    assert "debits of statement 2026-03" in named
    assert "digest of statement 2026-03" in named
    assert not [what for what in named if "2026-01" in what]


def test_an_entry_that_is_gone(adas: Account) -> None:
    entry = Entry.objects.get(reference="Cash")
    Entry.objects.filter(pk=entry.pk)._raw_delete("default")
    assert (str(adas.pk), f"entry at position {entry.position}", str(entry.pk), None) in found()


def test_the_last_entry_that_is_gone(adas: Account) -> None:
    entry = Entry.objects.filter(account_id=adas.pk).latest("position")
    Entry.objects.filter(pk=entry.pk)._raw_delete("default")
    assert (str(adas.pk), f"entry at position {entry.position}", str(entry.pk), None) in found()


def test_an_entry_that_no_event_made(adas: Account) -> None:
    entry = Entry.objects.get(reference="Cash")
    entry.entry_id, entry.position = UUID(int=1), entry.position + 1_000_000
    plant_rows([entry])
    named = found()
    assert (str(adas.pk), f"entry that no event made at position {entry.position}", None, str(UUID(int=1))) in named


def test_a_line_of_history_whose_reference_was_changed_after_it_was_issued(adas: Account) -> None:
    rewrite_rows(Entry, {"reference": "Cash"}, reference="Cache")
    assert kinds() == {"digest of statement"}


def test_an_event_whose_amount_was_forged(adas: Account) -> None:
    event = Event.objects.filter(type="account.money_withdrawn", stream_id=adas.pk).earliest("position")
    forge_rows(Event, {"pk": event.pk}, data={**event.data, "amount": 29})
    assert "balance in event" in kinds()
    assert (str(adas.pk), f"amount of entry at position {event.position}", -29, -30) in found()


def test_a_transfer_of_which_less_was_received_than_sent(adas: Account) -> None:
    received = Entry.objects.get(reference="Dinner", direction="credit")
    rewrite_rows(Entry, {"pk": received.pk}, amount=199)
    assert (f"transfer:{received.transfer_id}", "sent less received in EUR", 0, 1) in found()


def test_a_leg_of_the_journal(adas: Account) -> None:
    leg = JournalLeg.objects.filter(account=str(adas.pk)).earliest("leg")
    rewrite_rows(JournalLeg, {"pk": leg.pk}, amount=leg.amount + 7)
    assert found() == [
        (str(adas.pk), "sum of journal legs", adas.balance, adas.balance + 7),
        ("journal:EUR", "sum of the journal", 0, 7),
    ]


def test_a_leg_on_an_account_that_does_not_exist(adas: Account) -> None:
    leg = JournalLeg.objects.filter(account="cash:EUR").earliest("leg")
    rewrite_rows(JournalLeg, {"pk": leg.pk}, account=str(UUID(int=7)))
    assert found() == [("journal:EUR", "legs on accounts that do not exist", 0, leg.amount)]


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"opening": 999}, [("opening", 1_000, 999)]),
        ({"closing": 969}, [("closing", 970, 969)]),
        ({"credits": 1}, [("credits", 0, 1)]),
        ({"debits": 31}, [("debits", 30, 31)]),
        ({"entries": 2}, [("entries", 1, 2)]),
        ({"currency": "USD"}, [("currency", "EUR", "USD")]),
        ({"last_position": 1}, None),
        ({"digest": bytes(32)}, None),
    ],
)
def test_a_statement(adas: Account, change: dict[str, Any], named: list[tuple[str, Any, Any]] | None) -> None:
    forge_rows(Statement, {"account_id": adas.pk, "period": "2026-03"}, **change)
    (field,) = change
    differences = found()
    assert [(account, what) for account, what, _, _ in differences] == [(str(adas.pk), f"{field} of statement 2026-03")]
    if named:
        assert [difference[2:] for difference in differences] == [tuple(one[1:]) for one in named]


def test_a_statement_that_is_missing_among_others(adas: Account) -> None:
    forge_rows(Statement, {"account_id": adas.pk, "period": "2026-02"}, account_id=UUID(int=9))
    named = found()
    assert (str(adas.pk), "statement 2026-02", "issued", None) in named
    assert (str(UUID(int=9)), "statement without a stream", None, "is there") in named


def test_an_account_without_a_row_and_a_row_without_a_stream(adas: Account) -> None:
    rewrite_rows(Account, {"pk": adas.pk}, account_id=UUID(int=3))
    named = found()
    assert (str(adas.pk), "balance of the account", adas.balance, None) in named
    assert (str(UUID(int=3)), "account without a stream", None, "is there") in named


def test_what_the_journal_has_not_read_is_added(adas: Account) -> None:
    other = AccountFactory.create(balance=5)
    TransferFactory.create(source=adas, target=other, amount=3)
    findings = check(patience=0)
    assert findings.named == []
    assert findings.unread == 3
    rewrite_rows(
        JournalLeg, {"account": str(adas.pk), "position": JournalLeg.objects.earliest("leg").position}, amount=1
    )
    assert kinds() == {"sum of journal legs", "sum of the journal"}


def test_what_is_parked_is_added_too(adas: Account) -> None:
    legs = JournalLeg.objects.filter(account=str(adas.pk))
    last = legs.latest("position")
    Parked.objects.create(
        projection_id="journal_legs", category="account", stream_id=adas.pk, position=last.position, type="", error=""
    )
    JournalLeg.objects.filter(position=last.position)._raw_delete("default")
    sender = Event.objects.get(position=last.position).stream_id
    Parked.objects.update(stream_id=sender)
    assert kinds() == set()
    Parked.objects.all().delete()
    assert kinds() == {"sum of journal legs"}


def test_the_first_are_named_and_all_are_counted(adas: Account) -> None:
    rewrite_rows(Account, {}, held=77)
    findings = check(patience=0, limit=2)
    assert len(findings.named) == 2
    assert findings.differences == findings.kinds["held by the account"] == Account.objects.count()


def test_the_command_tells_it_and_exits_with_what_it_found(adas: Account, capsys: pytest.CaptureFixture[str]) -> None:
    call_command("check_ledger", "--wait", "0")
    assert "The books are right." in capsys.readouterr().out
    rewrite_rows(Account, {"pk": adas.pk}, held=0)
    for options in (("--wait", "0"), ("--wait", "0", "--json")):
        with pytest.raises(SystemExit) as ended:
            call_command("check_ledger", *options)
        assert ended.value.code == 3
    text, _, told = capsys.readouterr().out.partition("{")
    assert f"{adas.pk}: held by the account should be 25, and is 0" in text
    assert json.loads("{" + told)["first"] == [
        {"account": str(adas.pk), "what": "held by the account", "expected": 25, "found": 0}
    ]


def test_read_models_that_wait_to_be_built_are_not_checked(adas: Account) -> None:
    Projection.objects.filter(name="entries").update(is_live=False)
    with pytest.raises(CommandError, match="rebuild_projections entries"):
        call_command("check_ledger")


@pytest.mark.django_db(transaction=True)
def test_others_write_while_it_looks(adas: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    """Commits between two queries of the check belong to a later snapshot: half of one would look like a fault."""
    lines = batches._lines

    def pay_elsewhere() -> None:
        DepositFactory.create(account=adas, amount=9)
        connections.close_all()

    def asked_after_a_payment(ids: Sequence[UUID]) -> Any:
        writer = threading.Thread(target=pay_elsewhere)
        writer.start()
        writer.join(20)
        assert not writer.is_alive()
        return lines(ids)

    monkeypatch.setattr(batches, "_lines", asked_after_a_payment)
    assert check(patience=0).named == []
    assert Account.objects.get(pk=adas.pk).balance == adas.balance + 9

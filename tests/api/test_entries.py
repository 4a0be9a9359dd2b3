"""GET accounts/{id}/entries."""

from django.db import connection
from django.test.utils import CaptureQueriesContext

from eventstore.log import cursor
from projections.models import Account
from tests.api.caller import Caller
from tests.api.test_transfer import sending
from tests.factories import (
    AdjustmentFactory,
    CaptureFactory,
    DepositFactory,
    HoldFactory,
    ReversalFactory,
    TransferFactory,
)


def test_tells_the_history_newest_first(ada: Caller, adas: Account, bobs: Account) -> None:
    path = f"accounts/{adas.account_id}"
    ada.post(f"{path}/withdrawals", {"amount": "10.00", "reference": "Cash"})
    sent = ada.post("transfers", sending(adas, bobs)).body
    newest, middle, oldest = ada.get(f"{path}/entries").body["results"]
    assert newest == {
        "entry_id": sent["entry_id"],
        "kind": "transfer",
        "amount": "30.00",
        "direction": "debit",
        "balance": "60.00",
        "currency": "EUR",
        "reference": "Dinner",
        "recorded_at": newest["recorded_at"],
        "effective_at": newest["recorded_at"],
        "counterparty": str(bobs.account_id),
        "transfer_id": sent["transfer_id"],
        "reverses": None,
        "reversed_by": None,
        "position": newest["position"],
        "cursor": cursor(newest["position"]),
    }
    assert (middle["kind"], middle["direction"], middle["balance"]) == ("withdrawal", "debit", "90.00")
    assert (oldest["kind"], oldest["direction"], oldest["balance"]) == ("deposit", "credit", "100.00")
    assert oldest["counterparty"] is oldest["transfer_id"] is None


def test_a_long_history_comes_in_pages(ada: Caller, adas: Account) -> None:
    for _ in range(4):
        ada.post(f"accounts/{adas.account_id}/withdrawals", {"amount": "1.00"})
    page = ada.get(f"accounts/{adas.account_id}/entries", limit=2).body
    balances = [row["balance"] for row in page["results"]]
    while page["next"]:
        ada.post(f"accounts/{adas.account_id}/deposits", {"amount": "50.00"})  # what is new shifts nothing
        page = ada.get(page["next"]).body
        balances += [row["balance"] for row in page["results"]]
    assert balances == ["96.00", "97.00", "98.00", "99.00", "100.00"]


def test_staff_see_it_too(auditor: Caller, adas: Account) -> None:
    assert len(auditor.get(f"accounts/{adas.account_id}/entries").body["results"]) == 1


def test_an_entry_and_the_one_that_undoes_it_point_at_each_other(ada: Caller, adas: Account) -> None:
    entry = DepositFactory.create(account=adas, amount=500).answer["entry_id"]
    reversal = ReversalFactory.create(entry_id=entry, reason="Not theirs").answer["entry_id"]
    newest, undone, first = ada.get(f"accounts/{adas.account_id}/entries").body["results"]
    assert (newest["entry_id"], newest["reverses"], newest["reversed_by"]) == (reversal, entry, None)
    assert (undone["entry_id"], undone["reverses"], undone["reversed_by"]) == (entry, None, reversal)
    assert (newest["kind"], newest["direction"], newest["amount"]) == ("reversal", "debit", "5.00")
    assert (newest["reference"], newest["balance"], first["reversed_by"]) == ("Not theirs", "100.00", None)


def test_they_do_so_across_pages(ada: Caller, adas: Account) -> None:
    entry = DepositFactory.create(account=adas, amount=500).answer["entry_id"]
    reversal = ReversalFactory.create(entry_id=entry).answer["entry_id"]
    page = ada.get(f"accounts/{adas.account_id}/entries", limit=1).body
    assert ada.get(page["next"]).body["results"][0]["reversed_by"] == reversal


def test_a_reversed_transfer_is_undone_on_both_sides(ada: Caller, bob: Caller, adas: Account, bobs: Account) -> None:
    sent = TransferFactory.create(source=adas, target=bobs, amount=500).answer
    ReversalFactory.create(entry_id=sent["entry_id"])
    for caller, account, other, direction in ((ada, adas, bobs, "credit"), (bob, bobs, adas, "debit")):
        reversal, transfer = caller.get(f"accounts/{account.account_id}/entries").body["results"][:2]
        assert (transfer["kind"], transfer["reversed_by"]) == ("transfer", reversal["entry_id"])
        assert (reversal["kind"], reversal["direction"]) == ("reversal", direction)
        assert reversal["counterparty"] == str(other.account_id)
        assert reversal["transfer_id"] == transfer["transfer_id"] == sent["transfer_id"]
        body = caller.get(f"transfers/{sent['transfer_id']}").body
        assert (body["entry_id"], body["reversed_by"]) == (transfer["entry_id"], reversal["entry_id"])
        assert (body["from_account"], body["to_account"]) == (str(adas.account_id), str(bobs.account_id))


def test_captured_holds_and_adjustments_are_lines_of_their_own_kind(ada: Caller, adas: Account) -> None:
    CaptureFactory.create(hold=HoldFactory.create(account=adas, amount=3_000, reference="Hotel"), amount=2_000)
    AdjustmentFactory.create(account=adas, amount=-1_000)
    AdjustmentFactory.create(account=adas, amount=500)
    lines = ada.get(f"accounts/{adas.account_id}/entries").body["results"][:3]
    found = [(line["kind"], line["direction"], line["amount"], line["balance"], line["reference"]) for line in lines]
    assert found == [
        ("adjustment", "credit", "5.00", "75.00", "Our mistake"),
        ("adjustment", "debit", "10.00", "70.00", "Our mistake"),
        ("capture", "debit", "20.00", "80.00", "Hotel"),
    ]


def test_a_longer_page_takes_no_more_queries(ada: Caller, adas: Account) -> None:
    def queries_for(limit: int) -> int:
        with CaptureQueriesContext(connection) as queries:
            assert len(ada.get(f"accounts/{adas.account_id}/entries", limit=limit).body["results"]) == limit
        return sum("projections_entry" in query["sql"] for query in queries)

    for _ in range(5):
        ReversalFactory.create(entry_id=DepositFactory.create(account=adas, amount=1).answer["entry_id"])
    assert queries_for(10) == queries_for(2) == 2

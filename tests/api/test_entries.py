"""GET accounts/{id}/entries."""

from projections.models import Account
from tests.api.caller import Caller
from tests.api.test_transfer import sending


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

"""GET accounts/{id}/entries.csv."""

import csv
import io
from itertools import pairwise

import pytest

from projections import queries
from projections.models import Account
from tests.api.caller import Answer, Caller
from tests.factories import AccountFactory, DepositFactory, ReversalFactory, TransferFactory


def rows(answer: Answer) -> list[dict[str, str]]:
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    return list(csv.DictReader(io.StringIO(answer.raw.decode(), newline="")))


def test_it_holds_what_the_list_of_entries_does(ada: Caller, adas: Account, bobs: Account) -> None:
    sent = TransferFactory.create(source=adas, target=bobs, amount=2_550, reference='Dinner, "la Scala"')
    ReversalFactory.create(entry_id=sent.answer["entry_id"])
    found = rows(ada.get(f"accounts/{adas.account_id}/entries.csv"))
    listed = ada.get(f"accounts/{adas.account_id}/entries").body["results"]
    told = [{name: "" if value is None else str(value) for name, value in line.items()} for line in listed]
    assert found == [{name: value for name, value in line.items() if name != "cursor"} for line in told]
    assert [row["balance"] for row in found] == ["100.00", "74.50", "100.00"]
    assert found[1]["reversed_by"] == found[0]["entry_id"]


def test_the_whole_history_is_in_it(ada: Caller, adas: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queries, "HISTORY_PAGE", 3)
    for _ in range(7):
        DepositFactory.create(account=adas, amount=1)
    positions = [int(row["position"]) for row in rows(ada.get(f"accounts/{adas.account_id}/entries.csv"))]
    assert len(positions) == 8
    assert all(newer > older for newer, older in pairwise(positions))


def test_an_account_without_history_has_a_file_with_a_heading(bob: Caller, bobs: Account) -> None:
    answer = bob.get(f"accounts/{bobs.account_id}/entries.csv")
    assert answer.raw.decode().splitlines() == [
        "entry_id,kind,amount,direction,balance,currency,reference,recorded_at,effective_at,counterparty,transfer_id,"
        "reverses,reversed_by,position"
    ]


@pytest.mark.parametrize("reference", ["=1+1", "+1", "-1", "@SUM(A1)", "＝1+1", '=HYPERLINK("http://x","y")'])
def test_no_spreadsheet_runs_what_somebody_wrote(ada: Caller, adas: Account, reference: str) -> None:
    ada.post(f"accounts/{adas.account_id}/deposits", {"amount": "1.00", "reference": reference})
    assert rows(ada.get(f"accounts/{adas.account_id}/entries.csv"))[0]["reference"][:2] == f"'{reference[0]}"


def test_nor_where_it_splits_at_other_signs(ada: Caller, adas: Account) -> None:
    ada.post(f"accounts/{adas.account_id}/deposits", {"amount": "1.00", "reference": "x;=1+2| @y"})
    assert rows(ada.get(f"accounts/{adas.account_id}/entries.csv"))[0]["reference"] == "x;'=1+2|' @y"


def test_a_negative_balance_stays_a_number(operator: Caller, ada: Caller, adas: Account) -> None:
    operator.post(f"accounts/{adas.account_id}/overdraft", {"limit": "50.00", "reason": "Asked for"})
    ada.post(f"accounts/{adas.account_id}/withdrawals", {"amount": "120.00"})
    assert rows(ada.get(f"accounts/{adas.account_id}/entries.csv"))[0]["balance"] == "-20.00"


def test_amounts_have_all_decimals_of_their_currency(auditor: Caller, ada: Caller) -> None:
    for currency, amount in (("JPY", "150"), ("BHD", "0.150")):
        account = AccountFactory.create(currency=currency, balance=150)
        (row,) = rows(auditor.get(f"accounts/{account.account_id}/entries.csv"))
        assert (row["amount"], row["balance"]) == (amount, amount)


def test_it_says_up_to_where_it_reflects_the_log(ada: Caller, adas: Account) -> None:
    done = ada.post(f"accounts/{adas.account_id}/deposits", {"amount": "1.00"}).body["position"]
    answer = ada.get(f"accounts/{adas.account_id}/entries.csv", min_position=done)
    assert int(answer.headers["Tidemark-Position"]) >= done
    assert f"entries-{adas.account_id}.csv" in answer.headers["Content-Disposition"]
    assert answer.headers["Cache-Control"] == "no-store"


def test_errors_have_the_one_shape(ada: Caller, auditor: Caller, stranger: Caller, bobs: Account) -> None:
    path = f"accounts/{bobs.account_id}/entries.csv"
    assert ada.get(path).refusal == (404, "ACCOUNT_NOT_FOUND", "account_id")
    assert ada.get("accounts/x/entries.csv").refusal == (404, "ACCOUNT_NOT_FOUND", "account_id")
    assert ada.get(path, limit=5).refusal == (400, "MALFORMED", "limit")
    assert ada.post(path, {}).refusal == (405, "METHOD_NOT_ALLOWED", None)
    assert stranger.get(path).refusal == (401, "NOT_SIGNED_IN", None)
    assert auditor.get(path).status == 200

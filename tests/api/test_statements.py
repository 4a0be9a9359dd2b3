"""GET accounts/{id}/statements, statements/{yyyy-mm}, and the same as CSV and PDF."""

import csv
import io

import pytest
from django.utils import timezone

from eventstore.log import cursor
from projections.models import Account
from projections.statements.issuance import issue
from tests.api.caller import Caller
from tests.factories import ReversalFactory, owner_of
from tests.history import opened, paid_in, registered, sent, taken_out, utc


@pytest.fixture
def savings(db: None) -> Account:
    """Ada's, opened in January 2026: 100.00 came in, 30.00 left in March."""
    account = opened(registered(utc(2026, 1, 5), "Ada", "ada@savings.example"), utc(2026, 1, 10), label="Savings")
    paid_in(account, 10_000, utc(2026, 1, 20), "Salary", effective_at=utc(2026, 1, 15))
    taken_out(account, 3_000, utc(2026, 3, 3), "=1+1")
    return account


@pytest.fixture
def path(savings: Account) -> str:
    return f"accounts/{savings.account_id}/statements"


@pytest.fixture
def saver(savings: Account) -> Caller:
    return Caller.of(owner_of(savings.account_id))


def test_a_statement_tells_its_figures_and_its_entries(saver: Caller, path: str) -> None:
    issue()
    body = saver.get(f"{path}/2026-01").body
    [entry] = body.pop("entries")
    assert body == {
        "period": "2026-01",
        "number": 1,
        "opening": "0.00",
        "credits": "100.00",
        "debits": "0.00",
        "closing": "100.00",
        "currency": "EUR",
        "issued": True,
        "issued_at": body["issued_at"],
        "position": body["position"],
        "cursor": cursor(body["position"]),
    }
    listed = saver.get(path.replace("statements", "entries")).body["results"][-1]
    assert entry == listed
    assert (entry["reference"], entry["effective_at"][:10], entry["recorded_at"][:10]) == (
        "Salary",
        "2026-01-15",
        "2026-01-20",
    )


def test_each_month_opens_with_what_the_one_before_it_closed_with(saver: Caller, path: str) -> None:
    issue()
    results = saver.get(path).body["results"][::-1]
    assert [month["period"] for month in results[:4]] == ["2026-01", "2026-02", "2026-03", "2026-04"]
    assert [month["closing"] for month in results[:4]] == ["100.00", "100.00", "70.00", "70.00"]
    assert [month["opening"] for month in results] == ["0.00", *[month["closing"] for month in results[:-1]]]
    assert [month["issued"] for month in results] == [True] * (len(results) - 1) + [False]
    assert saver.get(f"{path}/2026-02").body["entries"] == []


def test_the_current_month_is_not_issued(ada: Caller, adas: Account) -> None:
    issue()
    [month] = ada.get(f"accounts/{adas.account_id}/statements").body["results"]
    body = ada.get(f"accounts/{adas.account_id}/statements/{timezone.now():%Y-%m}").body
    assert (body["issued"], body["issued_at"], len(body["entries"])) == (False, None, 1)
    assert {name: body[name] for name in month} == month


def test_the_list_comes_in_pages(saver: Caller, path: str) -> None:
    issue()
    page = saver.get(path, limit=3).body
    found = page["results"]
    while page["next"]:
        page = saver.get(page["next"]).body
        found += page["results"]
    assert found == saver.get(path).body["results"]
    assert set(page) == {"results", "next", "position", "cursor"}


def test_an_issued_statement_is_the_same_for_ever(saver: Caller, path: str) -> None:
    issue()
    before = [saver.get(f"{path}/2026-01{ending}").raw for ending in (".csv", ".pdf")]
    statement = saver.get(f"{path}/2026-01").body
    ReversalFactory.create(entry_id=saver.get(f"{path}/2026-03").body["entries"][0]["entry_id"])
    ReversalFactory.create(entry_id=statement["entries"][0]["entry_id"])
    assert {
        **saver.get(f"{path}/2026-01").body,
        "position": statement["position"],
        "cursor": statement["cursor"],
    } == statement
    assert [saver.get(f"{path}/2026-01{ending}").raw for ending in (".csv", ".pdf")] == before


@pytest.mark.parametrize("ending", ["", ".csv", ".pdf"])
@pytest.mark.parametrize(
    "period",
    ["2025-12", "2199-01", "9999-12", "0000-00", "2026-13", "2026-1", "2026", "march", "２０２６-01", "2026-01 "],
)
def test_any_other_month_is_not_there(saver: Caller, path: str, period: str, ending: str) -> None:
    assert saver.get(f"{path}/{period}{ending}").refusal == (404, "STATEMENT_NOT_FOUND", None)


@pytest.mark.parametrize("ending", ["", "/2026-01", "/2026-01.csv", "/2026-01.pdf", "/nonsense"])
def test_somebody_elses_are_not_there(path: str, bob: Caller, ending: str) -> None:
    assert bob.get(path + ending).refusal[:2] == (404, "ACCOUNT_NOT_FOUND")


@pytest.mark.parametrize("ending", ["", "/2026-01", "/2026-01.csv", "/2026-01.pdf"])
def test_staff_see_them_and_strangers_do_not(path: str, auditor: Caller, stranger: Caller, ending: str) -> None:
    assert auditor.get(path + ending).status == 200
    assert stranger.get(path + ending).code == "NOT_SIGNED_IN"


def test_the_csv_has_the_entries_between_both_balances(saver: Caller, path: str) -> None:
    answer = saver.get(f"{path}/2026-03.csv")
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert "statement-2026-03-" in answer.headers["Content-Disposition"]
    first, entry, last = csv.DictReader(io.StringIO(answer.raw.decode(), newline=""))
    assert (first["kind"], first["balance"], first["currency"]) == ("opening", "100.00", "EUR")
    assert (entry["kind"], entry["amount"], entry["direction"], entry["balance"]) == (
        "withdrawal",
        "30.00",
        "debit",
        "70.00",
    )
    assert entry["reference"] == "'=1+1"
    assert (last["kind"], last["balance"]) == ("closing", "70.00")


def test_the_pdf_is_one(saver: Caller, path: str) -> None:
    answer = saver.get(f"{path}/2026-01.pdf")
    assert answer.headers["Content-Type"] == "application/pdf"
    assert answer.raw.startswith(b"%PDF-")


def test_a_client_that_knows_no_pdf_gets_bytes(saver: Caller, path: str) -> None:
    headers = {"Accept": "application/octet-stream", "Authorization": f"Token {saver.token}"}
    answer = saver.send("GET", f"/api/v1/{path}/2026-01.pdf", headers=headers)
    assert answer.headers["Content-Type"] == "application/octet-stream"
    assert answer.raw.startswith(b"%PDF-")


def test_the_other_side_of_a_transfer_stays_hidden_but_for_its_id(savings: Account, saver: Caller, path: str) -> None:
    other = opened(registered(utc(2026, 5, 1), "Eve", "eve@example.org"), utc(2026, 5, 2), label="Secret")
    sent(savings, other, 100, utc(2026, 5, 3), "Gift")
    [entry] = saver.get(f"{path}/2026-05").body["entries"]
    assert entry["counterparty"] == str(other.account_id)
    assert b"Secret" not in saver.get(f"{path}/2026-05").raw

"""Statements of more entries than are read at once: as CSV and JSON, in parts, and held against what was issued."""

import csv
import io
import json
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from projections.models import Account, Entry
from projections.statements import as_csv, sheets
from projections.statements.issuance import issue
from projections.statements.sheets import NotAsIssued, sheet
from tests.api.caller import Caller
from tests.factories import DepositFactory, ReversalFactory, owner_of
from tests.history import opened, paid_in, registered, utc
from tests.tampering import rewrite_rows

MANY = 11


@pytest.fixture
def account(db: None) -> Account:
    """An account with many entries in February 2026, which is issued."""
    account = opened(registered(utc(2026, 1, 5)), utc(2026, 1, 10))
    paid_in(account, 10_000, utc(2026, 1, 20))
    for day in range(1, MANY + 1):
        paid_in(account, 100 * day, utc(2026, 2, day), f"Day {day}")
    paid_in(account, 5, utc(2026, 3, 1), "Later")
    issue()
    return account


@pytest.fixture
def caller(account: Account) -> Caller:
    return Caller.of(owner_of(account.account_id))


@pytest.fixture
def small_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sheets, "MAX_ENTRIES_SHOWN", 3)
    monkeypatch.setattr(sheets, "LINES_PER_PAGE", 3)
    monkeypatch.setattr(as_csv, "LINES_PER_PAGE", 3)


def parts_of(account: Account, ending: str) -> Any:
    client = Client()
    client.force_login(owner_of(account.account_id))
    answer: Any = client.get(f"/api/v1/accounts/{account.account_id}/statements/2026-02{ending}")
    assert answer.streaming
    return answer.streaming_content


@pytest.mark.parametrize("ending", ["", ".csv"])
def test_a_long_one_is_the_same_as_if_it_were_sent_at_once(
    request: pytest.FixtureRequest, caller: Caller, account: Account, ending: str
) -> None:
    path = f"accounts/{account.account_id}/statements/2026-02{ending}"
    at_once = caller.get(path)
    request.getfixturevalue("small_pages")
    in_parts = caller.get(path)
    assert in_parts.raw == at_once.raw
    assert in_parts.headers["Content-Type"] == at_once.headers["Content-Type"]


@pytest.mark.usefixtures("small_pages")
@pytest.mark.parametrize("ending", ["", ".csv"])
def test_each_part_is_read_when_it_is_asked_for(account: Account, ending: str) -> None:
    parts: Iterator[bytes] = iter(parts_of(account, ending))
    for number, part in enumerate(parts):
        assert part.count(b"Day ") <= 3
        if number:
            rewrite_rows(Entry, {"reference": "Day 11"}, reference="Day 11 again")
            break
    assert b"Day 11 again" in part_with(parts, b"Day 11")


def part_with(parts: Iterator[bytes], text: bytes) -> bytes:
    return next(part for part in parts if text in part)


@pytest.mark.usefixtures("small_pages")
def test_a_page_takes_two_queries_however_long_the_month_is(account: Account) -> None:
    parts = iter(parts_of(account, ".csv"))
    next(parts)
    with CaptureQueriesContext(connection) as queries:
        next(parts)
    assert len(queries) == 2


@pytest.mark.usefixtures("small_pages")
def test_what_is_not_as_it_was_issued_is_not_begun(caller: Caller, account: Account) -> None:
    rewrite_rows(Entry, {"reference": "Day 5"}, reference="Day five")
    for ending in ("", ".csv", ".pdf"):
        with pytest.raises(NotAsIssued, match="digest"):
            caller.get(f"accounts/{account.account_id}/statements/2026-02{ending}")


@pytest.mark.usefixtures("small_pages")
def test_a_file_whose_entries_change_meanwhile_says_so_at_its_end(account: Account) -> None:
    parts = iter(parts_of(account, ".csv"))
    received = [next(parts)]
    rewrite_rows(Entry, {"reference": "Day 11"}, amount=1)
    with pytest.raises(NotAsIssued, match="2026-02: credits"):
        received.extend(parts)
    *_, last = csv.DictReader(io.StringIO(b"".join(received).decode(), newline=""))
    assert last["kind"] == "invalid"


@pytest.mark.usefixtures("small_pages")
def test_an_answer_whose_entries_change_meanwhile_is_no_json(account: Account) -> None:
    parts = iter(parts_of(account, ""))
    received = [next(parts)]
    rewrite_rows(Entry, {"reference": "Day 1"}, reference="Day one")
    with pytest.raises(NotAsIssued, match="digest"):
        received.extend(parts)
    with pytest.raises(json.JSONDecodeError):
        json.loads(b"".join(received))


@pytest.mark.usefixtures("small_pages")
def test_what_is_recorded_meanwhile_is_left_out(account: Account) -> None:
    for _ in range(5):
        DepositFactory.create(account=account, amount=1, reference="Now")
    account.refresh_from_db()
    now = sheet(account, f"{timezone.now():%Y-%m}")
    pages = now.pages()
    first = next(pages)
    DepositFactory.create(account=account, amount=1, reference="Too late")
    lines = [line for page in (first, *pages) for line, _ in page]
    assert {line.reference for line in lines} == {"Now"}
    assert len(lines) == 5


@pytest.mark.usefixtures("small_pages")
def test_an_entry_names_the_one_that_reverses_it_in_the_same_month_only(account: Account) -> None:
    deposits = [DepositFactory.create(account=account, amount=1).answer["entry_id"] for _ in range(5)]
    reversal = ReversalFactory.create(entry_id=deposits[0]).answer["entry_id"]
    account.refresh_from_db()
    now = sheet(account, f"{timezone.now():%Y-%m}")
    ReversalFactory.create(entry_id=deposits[1])
    reversed_by = {str(line.entry_id): found for page in now.pages() for line, found in page}
    assert str(reversed_by[deposits[0]]) == reversal
    assert reversed_by[deposits[1]] is None

"""Issued statements in the admin."""

import pytest
from django.test import Client

from projections.models import Account, Statement
from projections.statements.issuance import issue
from tests.admin.pages import keys_on
from tests.history import opened, paid_in, registered, utc

STATEMENTS = "projections/statement/"


@pytest.fixture
def accounts(db: None) -> list[Account]:
    owner = registered(utc(2026, 1, 1), "Eve", "eve@example.org")
    accounts = [opened(owner, utc(2026, 1, day)) for day in (2, 3)]
    paid_in(accounts[0], 12_345, utc(2026, 1, 20))
    issue()
    return accounts


def test_they_are_listed_newest_first_and_by_account(staff: Client, accounts: list[Account]) -> None:
    of_all = list(Statement.objects.order_by("-pk").values_list("pk", flat=True))
    assert keys_on(staff, STATEMENTS) == of_all[:50]
    first = accounts[0].account_id
    own = Statement.objects.filter(account_id=first).order_by("-number").values_list("pk", flat=True)
    assert keys_on(staff, STATEMENTS, account=str(first)) == list(own)
    found = staff.get(f"/admin/{STATEMENTS}", {"q": str(first)})
    assert found.headers["Location"] == f"/admin/{STATEMENTS}?account={first}"


def test_one_is_shown_with_its_figures_and_its_hash(staff: Client, accounts: list[Account]) -> None:
    statement = Statement.objects.get(account_id=accounts[0].account_id, number=1)
    text = staff.get(f"/admin/{STATEMENTS}{statement.pk}/change/").content.decode()
    assert "123.45" in text
    assert bytes(statement.digest).hex() in text
    assert "2026-01" in text

"""The start page, for visitors, customers and staff."""

import pytest
from django.test import Client

from accounts.users.models import User
from projections import freshness
from projections.models import Account
from tests.factories import AccountFactory, DepositFactory
from tests.pages.browser import text_of


@pytest.mark.django_db
def test_strangers_are_told_what_this_is(client: Client) -> None:
    text = text_of(client.get("/"))
    assert "Money with a memory." in text
    assert 'href="/sign-up"' in text
    assert 'href="/sign-in"' in text


def test_a_new_customer_is_told_how_to_begin(client: Client, ada: User) -> None:
    text = text_of(client.get("/"))
    assert "Hello, Ada Lovelace" in text
    assert "Begin with an account" in text


def test_accounts_are_added_up_by_currency(client: Client, ada: User, account: Account) -> None:
    AccountFactory.create(owner=ada, balance=1)
    AccountFactory.create(owner=ada, balance=500, currency="JPY")
    assert client.get("/").context["totals"] == {"EUR": 10_001, "JPY": 500}


def test_totals_may_outgrow_a_database_integer(client: Client, ada: User) -> None:
    for _ in range(2):
        AccountFactory.create(owner=ada, balance=2**63 - 1)
    assert "184,467,440,737,095,516.14" in text_of(client.get("/"))


def test_the_newest_entries_of_all_accounts_come_first(client: Client, ada: User, account: Account) -> None:
    other = AccountFactory.create(owner=ada, label="Other", balance=1)
    DepositFactory.create(account=account, amount=2)
    recent = client.get("/").context["recent"]
    assert [(line.amount, of.label) for of, line in recent] == [(2, "Everyday"), (1, "Other"), (10_000, "Everyday")]
    assert other.account_id in {of.account_id for of, _ in recent}


def test_accounts_of_others_are_not_there(client: Client, ada: User) -> None:
    AccountFactory.create(label="Bob's", balance=1)
    assert "Bob's" not in text_of(client.get("/"))
    assert client.get("/").context["recent"] == []


def test_every_page_says_up_to_where_it_is_settled(client: Client, account: Account) -> None:
    page = client.get("/")
    assert page.context["position"] >= Account.objects.get().position
    assert f"Settled up to position {page.context['position']}" in text_of(page)


def test_a_page_that_is_behind_says_so_and_looks_again(
    client: Client, account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(freshness, "wait_for", lambda position, *_: position <= 3)
    page = client.get(f"/accounts/{account.account_id}?position=4")
    assert "this page is catching up" in text_of(page)
    assert page["Refresh"]
    assert "History" in text_of(client.get(f"/accounts/{account.account_id}?position=3"))


@pytest.mark.parametrize("position", ["--1", "+1", "1_0", "١", ""])
@pytest.mark.parametrize("address", ["/", "/accounts/{}"])
def test_a_position_that_is_no_number_is_refused(
    client: Client, ada: User, account: Account, address: str, position: str
) -> None:
    client.raise_request_exception = False
    assert client.get(address.format(account.account_id), {"position": position}).status_code == 400


@pytest.mark.parametrize("position", ["-1", "-9223372036854775809"])
def test_every_page_reflects_a_position_before_the_first(
    client: Client, ada: User, account: Account, position: str
) -> None:
    for address in ("/", f"/accounts/{account.account_id}"):
        assert client.get(address, {"position": position}).status_code == 200

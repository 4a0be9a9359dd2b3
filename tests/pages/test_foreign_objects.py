"""Pages answer 404 for another customer's objects; visitors and staff have no accounts at all."""

import pytest
from django.test import Client

from accounts.users.models import User
from projections.models import Account, Entry
from tests.factories import AccountFactory, StaffFactory, TransferFactory
from tests.pages.browser import path_of, text_of

PAGES = ("", "/deposit", "/withdraw", "/rename")


@pytest.fixture
def bobs(db: None) -> Account:
    return AccountFactory.create(balance=100)


@pytest.mark.parametrize("page", PAGES)
def test_an_account_of_somebody_else_is_not_found(client: Client, ada: User, bobs: Account, page: str) -> None:
    path = f"/accounts/{bobs.account_id}{page}"
    assert client.get(path).status_code == 404
    assert client.post(path, {"amount": "1", "label": "mine"}).status_code in {404, 405}


@pytest.mark.parametrize("page", PAGES)
def test_it_looks_like_one_that_never_was(client: Client, ada: User, bobs: Account, page: str) -> None:
    known = client.get(f"/accounts/{bobs.account_id}{page}")
    unknown = client.get(f"/accounts/{ada.customer_id}{page}")
    assert unknown.status_code == 404
    assert "There is nothing here" in text_of(known)


def test_neither_its_entries_nor_its_transfers_are_found(client: Client, ada: User, bobs: Account) -> None:
    transfer = TransferFactory.create(source=bobs).answer["transfer_id"]
    entry = Entry.objects.filter(account_id=bobs.account_id).latest("position")
    assert client.get(f"/entries/{entry.entry_id}").status_code == 404
    assert client.get(f"/transfers/{transfer}").status_code == 404


def test_a_malformed_id_is_not_found(client: Client, ada: User) -> None:
    assert client.get("/accounts/1").status_code == 404


@pytest.mark.parametrize("page", ["/accounts", "/accounts/open", "/transfer", "/profile"])
def test_strangers_are_asked_to_sign_in(db: None, client: Client, page: str) -> None:
    assert path_of(client.get(page)) == "/sign-in"


@pytest.mark.parametrize("page", ["/accounts", "/accounts/open", "/transfer", "/profile"])
def test_staff_have_no_accounts(db: None, client: Client, page: str) -> None:
    client.force_login(StaffFactory.create())
    answer = client.get(page)
    assert answer.status_code == 403
    assert "This is not open to you" in text_of(answer)

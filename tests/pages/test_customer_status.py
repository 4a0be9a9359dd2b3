"""The page of an account shows holds, freezes, overdrafts, its closing, and reversed entries."""

from typing import Any

import pytest
from django.test import Client

from accounts.users.models import User
from projections.models import Account
from tests.factories import (
    AccountFactory,
    AdjustmentFactory,
    CaptureFactory,
    ClosureFactory,
    DepositFactory,
    FreezeFactory,
    HoldFactory,
    OverdraftFactory,
    ReversalFactory,
    SuspensionFactory,
    TransferFactory,
)
from tests.pages.browser import text_of

BUTTONS = ("deposit", "withdraw", "rename")


@pytest.fixture
def path(account: Account) -> str:
    return f"/accounts/{account.account_id}"


def offered(page: Any, path: str) -> set[str]:
    """The addresses to which the page of an account links."""
    text = text_of(page)
    found = {button for button in BUTTONS if f'href="{path}/{button}"' in text}
    return found | ({"transfer"} if "/transfer?from=" in text else set())


def test_an_ordinary_account_says_no_more_than_its_balance(client: Client, account: Account, path: str) -> None:
    page = client.get(path)
    for word in ("Set aside", "Overdraft", "frozen", "closed", "Available now"):
        assert word not in text_of(page)
    assert offered(page, path) == {"deposit", "withdraw", "rename", "transfer"}


def test_what_is_set_aside_is_told_with_what_it_is_for(client: Client, account: Account, path: str) -> None:
    HoldFactory.create(account=account, amount=3_000, reference="Hotel <Adlon>")
    CaptureFactory.create(hold=HoldFactory.create(account=account, amount=500, reference="Taxi"))
    page = client.get(path)
    assert [hold.reference for hold in page.context["holds"]] == ["Hotel <Adlon>"]
    text = text_of(page)
    assert "Hotel &lt;Adlon&gt;" in text
    assert "Set aside:" in text
    assert "Available now:" in text
    assert "Captured hold" in text


def test_an_overdraft_is_told(client: Client, account: Account, path: str) -> None:
    OverdraftFactory.create(account=account, limit=5_000)
    assert "Overdraft limit:" in text_of(client.get(path))


@pytest.mark.parametrize(
    ("scope", "sentence", "buttons"),
    [
        ("debits", "no money can leave it. It can still arrive.", {"deposit", "rename"}),
        ("all", "no money can leave it, and none can arrive.", {"rename"}),
    ],
)
def test_a_frozen_account_says_so_and_offers_what_works(
    client: Client, account: Account, scope: str, sentence: str, buttons: set[str]
) -> None:
    FreezeFactory.create(account=account, scope=scope)
    path = f"/accounts/{account.account_id}"
    page = client.get(path)
    assert sentence in text_of(page)
    assert offered(page, path) == buttons
    assert "frozen" in text_of(client.get("/accounts"))
    assert "frozen" in text_of(client.get("/"))


def test_a_closed_account_keeps_its_history_and_offers_nothing(
    client: Client, ada: User, account: Account, path: str
) -> None:
    other = AccountFactory.create(owner=ada, label="Other")
    ClosureFactory.create(account=account, sweep_to=other)
    page = client.get(path)
    assert "This account is closed." in text_of(page)
    assert offered(page, path) == set()
    assert [entry.kind for entry in page.context["entries"]] == ["transfer", "deposit"]
    assert "closed" in text_of(client.get("/accounts"))
    choices = text_of(client.get("/transfer"))
    assert str(other.account_id) in choices
    assert str(account.account_id) not in choices


def test_one_in_which_nothing_happened_does_not_ask_for_a_deposit(client: Client, ada: User) -> None:
    account = AccountFactory.create(owner=ada)
    ClosureFactory.create(account=account)
    page = client.get(f"/accounts/{account.account_id}")
    assert "No money ever moved in this account." in text_of(page)
    assert offered(page, f"/accounts/{account.account_id}") == set()


def test_a_line_that_was_undone_says_so_and_leads_to_its_reversal(client: Client, account: Account, path: str) -> None:
    entry = DepositFactory.create(account=account, amount=50).answer["entry_id"]
    reversal = ReversalFactory.create(entry_id=entry, reason="Not theirs").answer["entry_id"]
    for address in (path, "/"):
        text = text_of(client.get(address))
        assert text.count("Reversed") == 1
        assert "Not theirs" in text
    assert f'href="/entries/{reversal}"' in text_of(client.get(f"/entries/{entry}"))
    undoing = text_of(client.get(f"/entries/{reversal}"))
    assert f'href="/entries/{entry}"' in undoing
    assert "Reason" in undoing


def test_a_transfer_that_was_undone_says_so_on_its_receipt(client: Client, account: Account) -> None:
    sent = TransferFactory.create(source=account, amount=100).answer
    reversal = ReversalFactory.create(entry_id=sent["entry_id"]).answer["entry_id"]
    page = client.get(f"/transfers/{sent['transfer_id']}")
    assert str(page.context["entry"].entry_id) == sent["entry_id"]
    assert f'href="/entries/{reversal}"' in text_of(page)


def test_an_adjustment_is_told_in_words(client: Client, account: Account, path: str) -> None:
    entry = AdjustmentFactory.create(account=account, amount=-100).position
    text = text_of(client.get(path))
    assert entry
    assert "Adjustment" in text
    assert "Our mistake" in text


def test_a_suspended_customer_is_told_on_the_first_page(client: Client, ada: User, account: Account) -> None:
    sentence = "We take no orders from you at the moment."
    assert sentence not in text_of(client.get("/"))
    SuspensionFactory.create(customer=ada)
    assert sentence in text_of(client.get("/"))

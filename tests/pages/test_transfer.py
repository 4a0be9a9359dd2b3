"""Paying somebody: the form, the preview, the confirmation, the receipt."""

from typing import Any
from uuid import UUID

import pytest
from django.test import Client

from accounts.users.models import User
from projections.models import Account
from tests.factories import AccountFactory, owner_of
from tests.pages.browser import command_id_of, errors_of, follow, path_of, send, stored, text_of


@pytest.fixture
def bobs(db: None) -> Account:
    return AccountFactory.create(owner__name="Bob Secretive", owner__email="bob@example.org", label="Bob's treasure")


@pytest.fixture
def asked(account: Account, bobs: Account) -> dict[str, object]:
    return {
        "from_account": account.account_id,
        "to_account": bobs.account_id,
        "amount": "42.50",
        "reference": "Dinner",
    }


def test_the_form_offers_the_customers_own_accounts_alone(client: Client, account: Account, bobs: Account) -> None:
    text = text_of(client.get("/transfer"))
    assert str(account.account_id) in text
    assert str(bobs.account_id) not in text


def test_a_link_may_say_between_which_accounts(client: Client, account: Account, bobs: Account) -> None:
    text = text_of(client.get(f"/transfer?from={account.account_id}&to={bobs.account_id}"))
    assert "selected" in text.partition(str(account.account_id))[2][:80]
    assert f'value="{bobs.account_id}"' in text


def test_the_preview_shows_what_would_happen_and_stores_nothing(client: Client, asked: dict[str, object]) -> None:
    before = stored()
    page = send(client, "/transfer", step="preview", **asked)
    text = text_of(page)
    assert all(part in text for part in ("Is this right?", "42.50", "57.50", "Everyday", "Dinner"))
    assert stored() == before


def test_the_preview_hides_whose_account_it_is(client: Client, bobs: Account, asked: dict[str, object]) -> None:
    shown = text_of(send(client, "/transfer", step="preview", **asked))
    assert f"…{str(bobs.account_id)[-6:]}" in shown
    assert not any(secret in shown for secret in ("Secretive", "bob@", "treasure"))


def test_one_may_go_back_from_the_preview_and_change_something(client: Client, asked: dict[str, object]) -> None:
    page = send(client, "/transfer", step="change", **asked)
    assert errors_of(page) == {}
    assert 'value="42.50"' in text_of(page)


def confirm(client: Client, asked: dict[str, object]) -> Any:
    preview = send(client, "/transfer", step="preview", **asked)
    return send(client, "/transfer", command_id=command_id_of(preview), step="confirm", **asked)


def test_the_receipt_has_an_address_of_its_own(client: Client, asked: dict[str, object]) -> None:
    answer = confirm(client, asked)
    assert path_of(answer).startswith("/transfers/")
    text = text_of(follow(client, answer))
    assert all(part in text for part in ("Transfer sent", "42.50", "57.50", "Dinner", "The proof"))


def test_the_recipient_sees_their_side_of_it(client: Client, bobs: Account, asked: dict[str, object]) -> None:
    receipt = path_of(confirm(client, asked))
    client.force_login(owner_of(bobs.account_id))
    text = text_of(client.get(receipt))
    assert "Transfer received" in text
    assert not any(secret in text for secret in ("Everyday", "57.50", "Ada"))


def test_between_ones_own_accounts_the_sending_side_is_shown(client: Client, ada: User, account: Account) -> None:
    other = AccountFactory.create(owner=ada)
    asked: dict[str, object] = {
        "from_account": account.account_id,
        "to_account": other.account_id,
        "amount": "1",
        "reference": "",
    }
    assert "Transfer sent" in text_of(follow(client, confirm(client, asked)))


@pytest.mark.parametrize("step", ["preview", "confirm"])
@pytest.mark.parametrize(
    ("change", "errors"),
    [
        ({"amount": "100.01"}, {"amount": ["There is not enough money in this account."]}),
        ({"to_account": UUID(int=7)}, {"to_account": ["There is no such account."]}),
        ({"to_account": "x"}, {"to_account": ["This is not the id of an account. Please check each character."]}),
        ({"from_account": "x"}, {"from_account": ["Choose one of your accounts."]}),
        ({"from_account": ""}, {"from_account": ["This field is required."]}),
        ({"from_account": UUID(int=7)}, {"from_account": ["There is no such account."]}),
        ({"amount": "1.001"}, {"amount": ["An amount in EUR has at most 2 decimals."]}),
        ({"amount": ""}, {"amount": ["This field is required."]}),
    ],
)
def test_a_no_stands_at_its_field(
    client: Client, asked: dict[str, object], step: str, change: dict[str, object], errors: dict[str, list[str]]
) -> None:
    page = send(client, "/transfer", step=step, **asked | change)
    assert errors_of(page) == errors
    assert 'value="Dinner"' in text_of(page)


def test_somebody_elses_account_can_not_be_paid_from(
    client: Client, account: Account, bobs: Account, asked: dict[str, object]
) -> None:
    swapped = {"from_account": bobs.account_id, "to_account": account.account_id}
    page = send(client, "/transfer", step="confirm", **asked | swapped)
    assert errors_of(page) == {"from_account": ["There is no such account."]}


def test_an_account_is_not_paid_from_itself(client: Client, account: Account, asked: dict[str, object]) -> None:
    page = send(client, "/transfer", step="preview", **asked | {"to_account": account.account_id})
    assert errors_of(page) == {"to_account": ["Choose two different accounts."]}


def test_currencies_are_not_mixed(client: Client, asked: dict[str, object]) -> None:
    yens = AccountFactory.create(currency="JPY")
    page = send(client, "/transfer", step="preview", **asked | {"to_account": yens.account_id})
    assert errors_of(page) == {"to_account": ["Money in EUR can't be sent to an account in JPY."]}

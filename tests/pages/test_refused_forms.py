"""A refusal is final for its command id, so the form that comes back carries another."""

import pytest
from django.test import Client

from accounts.services import use_cases
from eventstore.errors import RetriesExhausted
from projections.models import Account
from tests.factories import DepositFactory
from tests.pages.browser import command_id_of, errors_of, send, stored, text_of


@pytest.fixture
def withdraw(account: Account) -> str:
    return f"/accounts/{account.account_id}/withdraw"


def test_a_refused_form_gets_a_fresh_id(client: Client, account: Account, withdraw: str) -> None:
    command_id = command_id_of(client.get(withdraw))
    page = send(client, withdraw, command_id=command_id, amount="200", reference="")
    assert command_id_of(page) != command_id
    assert command_id not in text_of(page)


def test_with_it_the_same_wish_may_be_granted_later(client: Client, account: Account, withdraw: str) -> None:
    page = send(client, withdraw, amount="200", reference="")
    DepositFactory.create(account=account, amount=10_000)
    answer = send(client, withdraw, command_id=command_id_of(page), amount="200", reference="")
    assert answer.status_code == 302


def test_with_the_old_id_a_no_stays_a_no(client: Client, account: Account, withdraw: str) -> None:
    command_id = command_id_of(client.get(withdraw))
    send(client, withdraw, command_id=command_id, amount="200", reference="")
    DepositFactory.create(account=account, amount=10_000)
    again = send(client, withdraw, command_id=command_id, amount="200", reference="")
    assert errors_of(again) == {"amount": ["There is not enough money in this account."]}


def test_a_typing_error_keeps_the_id(client: Client, withdraw: str) -> None:
    command_id = command_id_of(client.get(withdraw))
    page = send(client, withdraw, command_id=command_id, amount="ten", reference="")
    assert command_id_of(page) == command_id


def test_when_the_database_gives_up_the_form_keeps_its_id(
    client: Client, withdraw: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def give_up(*_: object, **__: object) -> None:
        raise RetriesExhausted

    command_id = command_id_of(client.get(withdraw))
    before = stored()
    with monkeypatch.context() as patch:
        patch.setattr(use_cases, "send_command", give_up)
        page = send(client, withdraw, command_id=command_id, amount="5", reference="")
    message = "We are too busy just now. Nothing was done: please send this once more."
    assert errors_of(page, status=503) == {"__all__": [message]}
    assert page["Retry-After"] == "1"
    assert stored() == before
    assert command_id_of(page) == command_id

"""A form that is sent twice, by a double click, Back or a lost answer, has one effect and one receipt."""

import pytest
from django.test import Client

from accounts.users.models import User
from projections.models import Account
from tests.factories import AccountFactory
from tests.pages.browser import command_id_of, errors_of, send, stored


@pytest.fixture
def deposit(account: Account) -> str:
    return f"/accounts/{account.account_id}/deposit"


def test_the_second_deposit_leads_to_the_receipt_of_the_first(client: Client, deposit: str) -> None:
    command_id = command_id_of(client.get(deposit))
    first, second = (send(client, deposit, command_id=command_id, amount="5", reference="") for _ in range(2))
    assert first["Location"] == second["Location"]
    assert Account.objects.get().balance == 10_500


def test_the_second_confirmation_leads_to_the_receipt_of_the_first(client: Client, account: Account) -> None:
    target = AccountFactory.create()
    asked = {"from_account": account.account_id, "to_account": target.account_id, "amount": "60", "reference": ""}
    command_id = command_id_of(client.get("/transfer"))
    first, second = (send(client, "/transfer", command_id=command_id, step="confirm", **asked) for _ in range(2))
    assert first["Location"] == second["Location"]
    assert Account.objects.get(pk=account.pk).balance == 4_000


def test_an_account_is_opened_once(client: Client, ada: User) -> None:
    command_id = command_id_of(client.get("/accounts/open"))
    for _ in range(2):
        send(client, "/accounts/open", command_id=command_id, label="x", currency="EUR")
    assert Account.objects.count() == 1


def test_the_profile_is_changed_once(client: Client, ada: User) -> None:
    command_id = command_id_of(client.get("/profile"))
    asked = {"name": "Ada King", "email": "ada@example.org", "timezone": "UTC", "locale": "en"}
    first, second = (send(client, "/profile", command_id=command_id, **asked) for _ in range(2))
    assert first["Location"] == second["Location"]


def test_the_same_form_with_other_details_is_asked_for_anew(client: Client, deposit: str) -> None:
    command_id = command_id_of(client.get(deposit))
    send(client, deposit, command_id=command_id, amount="5", reference="")
    before = stored()
    page = send(client, deposit, command_id=command_id, amount="6", reference="")
    message = "You sent this form before, with other details. If you mean both, send it once more."
    assert errors_of(page) == {"__all__": [message]}
    assert stored() == before
    assert send(client, deposit, command_id=command_id_of(page), amount="6", reference="").status_code == 302


def test_the_form_of_one_account_can_not_be_sent_to_another(client: Client, ada: User, deposit: str) -> None:
    command_id = command_id_of(client.get(deposit))
    send(client, deposit, command_id=command_id, amount="5", reference="")
    other = AccountFactory.create(owner=ada)
    page = send(client, f"/accounts/{other.account_id}/deposit", command_id=command_id, amount="5", reference="")
    assert errors_of(page)


@pytest.mark.parametrize("command_id", ["", "x", "null"])
def test_a_form_without_a_readable_id_is_renewed(client: Client, deposit: str, command_id: str) -> None:
    page = client.post(deposit, {"command_id": command_id, "amount": "5", "reference": "kept"})
    message = "This form was out of date. It is renewed now: please send it again."
    assert errors_of(page) == {"__all__": [message]}
    answer = send(client, deposit, command_id=command_id_of(page), amount="5", reference="kept")
    assert answer.status_code == 302

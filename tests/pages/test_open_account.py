"""Opening an account, and naming it."""

from django.test import Client

from accounts.users.models import User
from projections.models import Account
from tests.pages.browser import errors_of, follow, path_of, send, text_of


def test_an_account_is_opened_and_shown(client: Client, ada: User) -> None:
    page = follow(client, send(client, "/accounts/open", label="For the boat", currency="CHF"))
    account = Account.objects.get()
    assert (account.label, account.currency, account.customer_id) == ("For the boat", "CHF", ada.customer_id)
    assert "For the boat" in text_of(page)
    assert "A blank page" in text_of(page)


def test_an_account_without_a_name_is_called_by_its_currency(client: Client, ada: User) -> None:
    page = follow(client, send(client, "/accounts/open", label="", currency="JPY"))
    assert "JPY account" in text_of(page)


def test_a_currency_has_to_be_chosen(client: Client, ada: User) -> None:
    assert list(errors_of(send(client, "/accounts/open", label="x", currency=""))) == ["currency"]
    assert list(errors_of(send(client, "/accounts/open", label="x", currency="XXX"))) == ["currency"]


def test_a_name_must_not_be_too_long(client: Client, ada: User) -> None:
    page = send(client, "/accounts/open", label="x" * 101, currency="EUR")
    assert errors_of(page) == {"label": ["This text is longer than 100 characters."]}


def test_an_account_gets_another_name(client: Client, account: Account) -> None:
    path = f"/accounts/{account.account_id}/rename"
    assert "Everyday" in text_of(client.get(path))
    answer = send(client, path, label="Household")
    assert path_of(answer) == f"/accounts/{account.account_id}"
    assert "Household" in text_of(follow(client, answer))


def test_the_list_shows_the_whole_id_to_which_others_pay(client: Client, account: Account) -> None:
    assert str(account.account_id) in text_of(client.get("/accounts"))

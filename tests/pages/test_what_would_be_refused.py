"""What would be refused as things stand now is not offered, and the page says why."""

import pytest
from django.test import Client

from accounts.users.models import User
from eventstore.models import Command
from projections.models import Account
from tests.factories import (
    AccountFactory,
    ClosureFactory,
    FreezeFactory,
    SuspensionFactory,
    TransferFactory,
)
from tests.pages.browser import command_id_of, stored, text_of

LEADS = ("/transfer", "/accounts/open", "/deposit", "/withdraw", "/rename")


@pytest.fixture
def suspended(ada: User, account: Account) -> Account:
    SuspensionFactory.create(customer=ada)
    return account


def test_no_page_of_a_suspended_customer_leads_to_an_order(client: Client, ada: User, account: Account) -> None:
    sent = TransferFactory.create(source=account, amount=100).answer["transfer_id"]
    SuspensionFactory.create(customer=ada)
    for path in ("/", "/accounts", f"/accounts/{account.account_id}", "/profile", f"/transfers/{sent}"):
        text = text_of(client.get(path))
        assert [lead for lead in LEADS if f'{lead}"' in text or f"{lead}?" in text] == [], path
    for path in ("/", "/accounts", f"/accounts/{account.account_id}", "/profile"):
        assert "We take no orders from you at the moment." in text_of(client.get(path))


def test_without_any_account_there_is_nothing_to_open(client: Client, ada: User) -> None:
    SuspensionFactory.create(customer=ada)
    assert "/accounts/open" not in text_of(client.get("/"))


def test_without_an_account_that_pays_there_is_no_form_for_a_transfer(client: Client, account: Account) -> None:
    assert 'name="command_id"' in text_of(client.get("/transfer"))
    FreezeFactory.create(account=account)
    text = text_of(client.get("/transfer"))
    assert 'name="command_id"' not in text
    assert "You have no account from which money can leave now." in text


@pytest.mark.parametrize("page", ["rename", "deposit", "withdraw"])
def test_a_suspended_customer_finds_no_form(client: Client, suspended: Account, page: str) -> None:
    for path in (f"/accounts/{suspended.account_id}/{page}", "/transfer", "/accounts/open"):
        answer = client.get(path)
        assert answer.status_code == 200
        assert "You are suspended. Please get in touch with us." in text_of(answer)
        assert 'name="command_id"' not in text_of(answer)


def test_the_details_can_be_read_and_not_saved(client: Client, suspended: Account) -> None:
    text = text_of(client.get("/profile"))
    assert 'value="Ada Lovelace"' in text
    assert "disabled" in text
    assert ">Save<" not in text


def test_what_was_sent_before_is_answered_as_it_was(client: Client, ada: User, account: Account) -> None:
    path = f"/accounts/{account.account_id}/deposit"
    form = {"command_id": command_id_of(client.get(path)), "amount": "1.00"}
    assert client.post(path, form).status_code == 302
    SuspensionFactory.create(customer=ada)
    before = stored()
    assert client.post(path, form).status_code == 302
    assert stored() == before


def test_a_form_that_was_open_meanwhile_is_refused_in_words(client: Client, ada: User, account: Account) -> None:
    path = f"/accounts/{account.account_id}/deposit"
    form = {"command_id": command_id_of(client.get(path)), "amount": "1.00"}
    SuspensionFactory.create(customer=ada)
    page = client.post(path, form)
    assert (page.status_code, "You are suspended." in text_of(page)) == (200, True)
    assert not Command.objects.get(key=form["command_id"]).accepted


@pytest.mark.parametrize(
    ("scope", "refused", "offered"),
    [("debits", ["withdraw"], ["deposit", "rename"]), ("all", ["withdraw", "deposit"], ["rename"])],
)
def test_a_frozen_account_has_no_form_for_what_is_stopped(
    client: Client, account: Account, scope: str, refused: list[str], offered: list[str]
) -> None:
    FreezeFactory.create(account=account, scope=scope)
    for page in refused:
        answer = client.get(f"/accounts/{account.account_id}/{page}")
        assert (answer.status_code, "This account is frozen." in text_of(answer)) == (200, True)
        assert 'name="command_id"' not in text_of(answer)
        assert f'href="/accounts/{account.account_id}"' in text_of(answer)
    for page in offered:
        assert client.get(f"/accounts/{account.account_id}/{page}").status_code == 200


@pytest.mark.parametrize("page", ["deposit", "withdraw", "rename"])
def test_a_closed_account_has_no_form(client: Client, ada: User, page: str) -> None:
    account = AccountFactory.create(owner=ada)
    ClosureFactory.create(account=account)
    answer = client.get(f"/accounts/{account.account_id}/{page}")
    assert (answer.status_code, "This account is closed." in text_of(answer)) == (200, True)


def test_money_is_not_sent_from_a_frozen_account(client: Client, ada: User, account: Account) -> None:
    AccountFactory.create(owner=ada, label="Open")
    FreezeFactory.create(account=account)
    text = " ".join(text_of(client.get("/transfer")).split())
    assert f'<option value="{account.account_id}" disabled > \u2068Everyday\u2069 · frozen ·' in text


# One's own accounts by their names


def test_a_transfer_between_one_s_own_accounts_names_both(client: Client, ada: User, account: Account) -> None:
    savings = AccountFactory.create(owner=ada, label="Boat <3")
    given = {"from_account": account.account_id, "to_account": savings.account_id, "amount": "1.00"}
    form = {"command_id": command_id_of(client.get("/transfer")), **given}
    preview = text_of(client.post("/transfer", {**form, "step": "preview"}))
    receipt = text_of(client.post("/transfer", {**form, "step": "confirm"}, follow=True))
    sent = TransferFactory.create(source=account, target=savings, amount=100).answer["entry_id"]
    for text in (preview, receipt, text_of(client.get(f"/entries/{sent}"))):
        assert "Boat &lt;3" in text
        assert "an account in EUR" not in text


def test_another_s_account_stays_without_a_name(client: Client, account: Account) -> None:
    other = AccountFactory.create(label="Secret")
    sent = TransferFactory.create(source=account, target=other, amount=100).answer["transfer_id"]
    text = text_of(client.get(f"/transfers/{sent}"))
    assert "an account in EUR" in text
    assert "Secret" not in text

"""Paying in."""

import pytest
from django.conf import LazySettings
from django.test import Client

from projections.models import Account, Entry
from tests.factories import AccountFactory, owner_of
from tests.pages.browser import command_id_of, errors_of, follow, send, stored, text_of


@pytest.fixture
def path(account: Account) -> str:
    return f"/accounts/{account.account_id}/deposit"


def test_the_receipt_shows_amount_balance_and_proof(client: Client, path: str) -> None:
    page = follow(client, send(client, path, amount=" 2372.50 ", reference="Salary"))
    text, entry = text_of(page), Entry.objects.get(reference="Salary")
    assert "+2,372.50" in text
    assert "2,472.50" in text
    assert str(page.context["proof"].event_id) in text
    assert page.context["proof"].position == entry.position
    assert page.context["proof"].metadata["command_id"] in text


@pytest.mark.parametrize(
    ("amount", "message"),
    [
        ("", "This field is required."),
        ("ten", "Enter an amount in plain digits, such as 10.50."),
        ("1,00", "Enter an amount in plain digits, such as 10.50."),
        ("1.000,50", "Enter an amount in plain digits, such as 10.50."),
        ("-5", "Enter an amount in plain digits, such as 10.50."),
        ("0", "Enter an amount in plain digits, such as 10.50."),
        ("1e3", "Enter an amount in plain digits, such as 10.50."),
        ("10.500", "An amount in EUR has at most 2 decimals."),
        ("1.000", "An amount in EUR has at most 2 decimals."),
        ("99999999999999999999", "This amount is larger than an account can hold."),
    ],
)
def test_what_is_no_amount_is_said_at_the_field(client: Client, path: str, amount: str, message: str) -> None:
    before = stored()
    page = send(client, path, amount=amount, reference="Salary")
    assert errors_of(page) == {"amount": [message]}
    assert 'value="Salary"' in text_of(page)
    assert not amount or f'value="{amount}"' in text_of(page)
    assert stored() == before


@pytest.mark.parametrize("language", ["en", "en-gb", "zh-hans"])
@pytest.mark.parametrize("amount", ["1,000.50", "1,000.50 EUR", "EUR 1,000.50", "１，０００．５０", "\u30001000.50 "])
def test_what_the_site_prints_it_takes_back(client: Client, path: str, amount: str, language: str) -> None:
    client.cookies["django_language"] = language
    page = follow(client, send(client, path, amount=amount))
    assert page.context["entry"].amount == 100_050
    assert "+1,000.50" in text_of(page)


def test_a_language_that_is_added_brings_its_notation(client: Client, path: str, settings: LazySettings) -> None:
    settings.LANGUAGES = [*settings.LANGUAGES, ("de", "Deutsch")]
    client.cookies["django_language"] = "de"
    page = follow(client, send(client, path, amount="1.000,50"))
    assert page.context["entry"].amount == 100_050
    assert "+1.000,50" in text_of(page)
    assert errors_of(send(client, path, amount="10.50")) == {
        "amount": ["Enter an amount in plain digits, such as 10,50."]
    }


def test_a_form_that_is_sent_again_in_other_digits_is_the_same(client: Client, path: str) -> None:
    command_id = command_id_of(client.get(path))
    answers = [
        send(client, path, command_id=command_id, amount=amount)["Location"] for amount in ("1000.50", "1,000.50 EUR")
    ]
    assert answers[0] == answers[1]


@pytest.mark.django_db
def test_yen_have_no_decimals(client: Client) -> None:
    yens = AccountFactory.create(currency="JPY")
    client.force_login(owner_of(yens.account_id))
    path = f"/accounts/{yens.account_id}/deposit"
    assert "150" in text_of(follow(client, send(client, path, amount="150")))
    assert errors_of(send(client, path, amount="1.0")) == {"amount": ["An amount in JPY has at most 0 decimals."]}


def test_a_reference_must_not_hold_control_characters(client: Client, path: str) -> None:
    assert list(errors_of(send(client, path, amount="1", reference="a\x1bb"))) == ["reference"]


def test_markup_in_a_reference_is_only_text(client: Client, path: str) -> None:
    page = follow(client, send(client, path, amount="1", reference="<script>alert(1)</script>"))
    assert "<script>alert" not in text_of(page)


def test_without_the_demo_rails_there_is_no_way(client: Client, path: str, settings: LazySettings) -> None:
    settings.DEMO_RAILS = False
    page = client.post(path, {"amount": "1"})
    assert page.status_code == 403
    assert "Money comes and goes elsewhere" in text_of(page)
    assert "Deposit" not in text_of(client.get(path.removesuffix("/deposit"))).split("History")[0]

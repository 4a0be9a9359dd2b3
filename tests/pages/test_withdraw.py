"""Paying out."""

import pytest
from django.conf import LazySettings
from django.test import Client

from projections.models import Account
from tests.pages.browser import errors_of, follow, send, text_of


@pytest.fixture
def path(account: Account) -> str:
    return f"/accounts/{account.account_id}/withdraw"


def test_the_receipt_shows_what_went_out(client: Client, path: str) -> None:
    text = text_of(follow(client, send(client, path, amount="60", reference="Cash")))
    assert "−60.00" in text
    assert "40.00" in text


def test_all_that_is_there_may_go(client: Client, path: str) -> None:
    assert send(client, path, amount="100.00").status_code == 302


def test_more_than_is_there_is_refused_at_the_amount(client: Client, path: str) -> None:
    page = send(client, path, amount="100.01", reference="Cash")
    assert errors_of(page) == {"amount": ["There is not enough money in this account."]}
    assert 'value="100.01"' in text_of(page)
    assert 'value="Cash"' in text_of(page)


def test_without_the_demo_rails_there_is_no_way(client: Client, path: str, settings: LazySettings) -> None:
    settings.DEMO_RAILS = False
    assert client.get(path).status_code == 403

"""A form that is sent again after going back leads to the receipt of the first time."""

import pytest

from tests.journeys.test_first_transfer import become_a_customer_with_an_account, pay_in
from tests.journeys.visitor import Visitor

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def after_a_deposit(visitor_without_scripts: Visitor) -> Visitor:
    become_a_customer_with_an_account(visitor_without_scripts, "Mira", "Everyday")
    pay_in(visitor_without_scripts, "1000", "Salary")
    return visitor_without_scripts


def test_the_same_again_leads_to_the_same_receipt(after_a_deposit: Visitor) -> None:
    visitor, receipt = after_a_deposit, after_a_deposit.page.url
    visitor.page.go_back()
    visitor.press("Deposit")
    assert visitor.page.url == receipt


def test_a_changed_form_is_confirmed_first(after_a_deposit: Visitor) -> None:
    visitor, receipt = after_a_deposit, after_a_deposit.page.url
    visitor.page.go_back()
    visitor.fill("Amount", "5")
    visitor.press("Deposit")
    visitor.reads("You sent this form before, with other details.")
    visitor.press("Deposit")
    visitor.reads("1,005.00")
    assert visitor.page.url != receipt

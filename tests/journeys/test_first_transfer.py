"""The first day of two customers: sign up, open an account, pay in, pay each other, look at the history."""

import re

import pytest

from tests.journeys.visitor import Visitor

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

PASSWORD = "the tide is high tonight"


def test_from_signing_up_to_the_first_transfer(visitor: Visitor) -> None:
    iness = become_a_customer_with_an_account(visitor, "Ines", "Harbour")
    visitor.sign_out()
    miras = become_a_customer_with_an_account(visitor, "Mira", "Everyday")
    pay_in(visitor, "1000", "Salary")
    pay(visitor, iness, "950.50", "Rent")
    the_history_shows_it(visitor, miras)
    visitor.sign_out()
    the_other_side_sees_it(visitor, iness)


def become_a_customer_with_an_account(visitor: Visitor, name: str, label: str) -> str:
    """The id of the account."""
    visitor.go("/")
    visitor.follow("Open your first account")
    visitor.press("Sign up")
    visitor.reads("This field is required.")
    visitor.fill("Name", name)
    visitor.fill("E-mail", f"{name.lower()}@example.org")
    visitor.fill("Password", PASSWORD)
    visitor.press("Sign up")
    visitor.reads(f"Hello, {name}")
    visitor.follow("Open an account")
    visitor.fill("Name", label)
    visitor.choose("Currency", "EUR")
    visitor.press("Open the account")
    visitor.reads("A blank page")
    return id_in(visitor.page.url)


def pay_in(visitor: Visitor, amount: str, reference: str) -> None:
    visitor.follow("Deposit money")
    visitor.fill("Amount", "a thousand")
    visitor.press("Deposit")
    visitor.reads("Enter an amount in plain digits")
    visitor.fill("Amount", amount)
    visitor.fill("Reference", reference)
    visitor.press_twice("Deposit")
    visitor.reads("This is your receipt")


def pay(visitor: Visitor, account: str, amount: str, reference: str) -> None:
    visitor.follow("Transfer")
    visitor.choose("From", "Everyday")
    visitor.fill("To", account)
    visitor.fill("Amount", "1000.01")
    visitor.press("Preview")
    visitor.reads("There is not enough money in this account.")
    visitor.fill("Amount", amount)
    visitor.fill("Reference", reference)
    visitor.press("Preview")
    visitor.reads("Is this right?")
    visitor.press_twice("Confirm and send")
    visitor.reads("Transfer sent")
    visitor.reads("49.50")


def the_history_shows_it(visitor: Visitor, account: str) -> None:
    visitor.go(f"/accounts/{account}")
    lines = visitor.page.get_by_role("row").all_inner_texts()[1:]
    assert [re.findall(r"[+−][\d,.]+", line) for line in lines] == [["−950.50"], ["+1,000.00"]]
    visitor.follow("Rent")
    visitor.reads("The proof")


def the_other_side_sees_it(visitor: Visitor, account: str) -> None:
    visitor.go("/sign-in")
    visitor.fill("E-mail", "ines@example.org")
    visitor.fill("Password", PASSWORD)
    visitor.press("Sign in")
    visitor.reads("950.50")
    visitor.go(f"/accounts/{account}")
    visitor.follow("Rent")
    visitor.reads("Transfer received")


def id_in(url: str) -> str:
    found = re.search(r"/accounts/([0-9a-f-]{36})", url)
    assert found
    return found[1]

"""Names that run from right to left, and long ones, beside ids and amounts."""

import pytest
from playwright.sync_api import Page

from accounts.services.staff import SUPERUSER
from projections.models import Account
from tests.factories import PASSWORD, AccountFactory, StaffFactory, owner_of
from tests.journeys.visitor import Visitor

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

# Digits at the beginning are what an Arabic name draws to itself; of a random id, not every one begins so.
IDS_IN_PIECES = """
() => [...document.querySelectorAll(".ending, .id:not(input)")].filter(id => {
  id.textContent = "…74c448";
  const pieces = [...id.getClientRects()].map(piece => Math.round(piece.top));
  return pieces.length > new Set(pieces).size;
}).map(id => id.textContent)
"""


@pytest.fixture
def savings(transactional_db: None) -> tuple[str, Account]:
    """The e-mail of a customer, and an account of theirs, both with long names in Arabic."""
    account = AccountFactory.create(
        owner__name="عبد الرحمن بن محمد عبد اللطيف", label="حساب التوفير", balance=123_456, currency="EUR"
    )
    StaffFactory.create(role=SUPERUSER, email="boss@example.org")
    return owner_of(account.account_id).email, account


def test_ids_and_amounts_stay_whole_beside_a_name_in_arabic(savings: tuple[str, Account], visitor: Visitor) -> None:
    email, account = savings
    sign_in(visitor, email)
    for path in ("/", "/accounts", f"/accounts/{account.account_id}"):
        visitor.go(path)
        assert pieces_of_ids(visitor.page) == [], path
    visitor.go("/transfer")
    assert "\u2068حساب التوفير\u2069 · 1,234.56 EUR" in choices(visitor.page)


def test_so_do_they_in_the_admin(savings: tuple[str, Account], visitor: Visitor) -> None:
    _, account = savings
    sign_in(visitor, "boss@example.org")
    lists = ("eventstore/event/", "projections/account/", "projections/entry/")
    for path in (*lists, f"actions/freeze/{account.account_id}/"):
        visitor.go(f"/admin/{path}")
        assert pieces_of_ids(visitor.page) == [], path


def sign_in(visitor: Visitor, email: str) -> None:
    visitor.go("/sign-in")
    visitor.fill("E-mail", email)
    visitor.fill("Password", PASSWORD)
    visitor.press("Sign in")


def pieces_of_ids(page: Page) -> list[str]:
    """The ids of which some characters stand elsewhere in the line."""
    found: list[str] = page.evaluate(IDS_IN_PIECES)
    return found


def choices(page: Page) -> str:
    """What there is to choose from."""
    return page.get_by_label("From").inner_text()

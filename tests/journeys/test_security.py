"""A customer sees where they are signed in, and which programs have a token, and ends them."""

import re

import pytest
from django.test import Client
from playwright.sync_api import expect

from accounts.users.models import User
from tests.factories import PASSWORD, CustomerFactory
from tests.journeys.visitor import Visitor

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def ada(transactional_db: None) -> User:
    """Somebody who is signed in elsewhere, made before the browser starts: then no test can query the database."""
    ada = CustomerFactory.create(email="ada@example.org")
    form = {"username": ada.email, "password": PASSWORD}
    Client(headers={"User-Agent": "Mozilla/5.0 (Windows NT 10.0) Firefox/140.0"}).post("/sign-in", form)
    return ada


def test_a_token_is_made_seen_and_ended(ada: User, visitor: Visitor) -> None:
    open_the_page(visitor)
    visitor.reads("There are none.")
    visitor.press("Make a token")
    visitor.reads("This field is required.")
    visitor.fill("Name", "Bookkeeping")
    visitor.press("Make a token")
    visitor.reads("it is shown this once")
    token = visitor.page.get_by_text(re.compile("^tmk_"))
    expect(token).to_have_count(1)
    visitor.go("/security")
    expect(token).to_have_count(0)
    visitor.reads("Bookkeeping")
    visitor.page.get_by_role("listitem").filter(has_text="Bookkeeping").get_by_role("button", name="End").click()
    visitor.reads("That token has ended.")
    visitor.look()
    visitor.reads("There are none.")


def test_a_session_is_ended(ada: User, visitor: Visitor) -> None:
    open_the_page(visitor)
    visitor.reads("Firefox, Windows")
    visitor.press("End")
    visitor.reads("That session has ended.")
    expect(visitor.page.get_by_text("Firefox, Windows")).to_have_count(0)


def test_so_are_all_others_at_once_without_scripts(ada: User, visitor_without_scripts: Visitor) -> None:
    visitor = visitor_without_scripts
    open_the_page(visitor)
    visitor.reads("Firefox, Windows")
    visitor.press("Sign out everywhere")
    visitor.reads("You are signed out everywhere else, and all tokens have ended.")
    expect(visitor.page.get_by_text("Firefox, Windows")).to_have_count(0)


def open_the_page(visitor: Visitor) -> None:
    visitor.go("/sign-in")
    visitor.fill("E-mail", "ada@example.org")
    visitor.fill("Password", PASSWORD)
    visitor.press("Sign in")
    visitor.go("/profile")
    visitor.follow("Security")

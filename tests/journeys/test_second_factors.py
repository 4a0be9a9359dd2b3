"""A second factor is set up and given in a real browser: an app, and a passkey of a virtual authenticator."""

import re
from typing import Any

import pytest
from playwright.sync_api import Browser, Page
from pytest_django.live_server_helper import LiveServer

from accounts.services.staff import SUPERUSER
from accounts.users.models import User
from tests.factories import PASSWORD, CustomerFactory, StaffFactory
from tests.journeys.visitor import Visitor
from tests.second_factors import code_of, give_app

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

CODE = re.compile(r"(?:[a-z2-7]{4}-){3}[a-z2-7]{4}")
AUTHENTICATOR: dict[str, Any] = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
}


@pytest.fixture
def person(db: None) -> User:
    return CustomerFactory.create(email="ada@example.org", name="Ada")


@pytest.fixture
def boss(db: None) -> User:
    user = StaffFactory.create(role=SUPERUSER, email="boss@example.org")
    give_app(user)
    return user


@pytest.fixture
def code(boss: User) -> str:
    """What the app of the boss shows. Nothing may ask the database while Playwright's event loop runs."""
    return code_of(boss)


def plug_in(page: Page) -> None:
    """An authenticator that makes and answers with passkeys, without asking a person."""
    devtools = page.context.new_cdp_session(page)
    devtools.send("WebAuthn.enable")
    devtools.send("WebAuthn.addVirtualAuthenticator", {"options": AUTHENTICATOR})


def sign_in(visitor: Visitor, email: str, page: str = "/sign-in") -> None:
    visitor.go(page)
    visitor.fill("E-mail", email)
    visitor.fill("Password", PASSWORD)
    visitor.press("Sign in" if page == "/sign-in" else "Log in")


def test_a_passkey_is_made_and_opens(person: User, visitor: Visitor) -> None:
    plug_in(visitor.page)
    sign_in(visitor, person.email)
    visitor.go("/security/factors")
    visitor.follow("Add a passkey")
    visitor.fill("Name", "My phone")
    visitor.press("Make the passkey")
    assert len(CODE.findall(visitor.page.content())) == 10
    visitor.follow("I have kept them")
    visitor.reads("Passkey: My phone")
    visitor.sign_out()
    sign_in(visitor, person.email)
    visitor.reads("One more step")
    visitor.press("Use a passkey")
    visitor.go("/profile")
    visitor.reads("Your profile")
    visitor.go("/sign-in/again?next=/security/factors")
    visitor.fill("Password", PASSWORD)
    visitor.press("Use a passkey")
    visitor.reads("Last used on")


def test_who_stops_the_browser_is_told_what_to_do(person: User, visitor: Visitor) -> None:
    sign_in(visitor, person.email)
    visitor.go("/security/factors/passkey")
    visitor.page.evaluate("() => { navigator.credentials.create = () => Promise.reject(new Error('no')); }")
    visitor.page.get_by_role("button", name="Make the passkey").click()
    visitor.reads("No passkey was made")


def test_staff_give_theirs_within_their_own_frame(boss: User, code: str, visitor: Visitor) -> None:
    sign_in(visitor, boss.email, "/admin/login/")
    visitor.fill("Code", code)
    visitor.press("Sign in")
    visitor.page.get_by_role("heading", name="How things stand").wait_for()
    for page in ("", "/app", "/passkey", "/recovery-codes", "/app/remove"):
        visitor.go(f"/security/factors{page}")
        visitor.page.get_by_text("Tidemark for staff").wait_for()
    visitor.go("/sign-in/again")
    visitor.reads("Is it you?")


def test_an_app_and_its_codes_work_without_scripts(
    person: User, boss: User, code: str, visitor_without_scripts: Visitor
) -> None:
    visitor = visitor_without_scripts
    sign_in(visitor, person.email)
    visitor.go("/security/factors/passkey")
    visitor.reads("This takes a recent browser, with JavaScript.")
    assert not visitor.page.get_by_role("button", name="Make the passkey").is_visible()
    visitor.go("/security/factors/app")
    visitor.reads("Or type this key into the app:")
    visitor.sign_out()
    sign_in(visitor, boss.email)
    assert not visitor.page.get_by_role("button", name="Use a passkey").is_visible()
    visitor.fill("Code", code)
    visitor.press("Sign in")
    visitor.page.get_by_role("heading", name="How things stand").wait_for()


def test_a_passkey_of_another_origin_opens_nothing(
    person: User, visitor: Visitor, browser: Browser, live_server: LiveServer
) -> None:
    """A page elsewhere that gets hold of the options can't have them signed for this site: the browser signs where."""
    plug_in(visitor.page)
    sign_in(visitor, person.email)
    visitor.go("/security/factors/passkey")
    visitor.fill("Name", "My phone")
    visitor.press("Make the passkey")
    visitor.follow("I have kept them")
    visitor.sign_out()
    sign_in(visitor, person.email)
    visitor.page.evaluate(
        """() => {
            const get = navigator.credentials.get.bind(navigator.credentials);
            navigator.credentials.get = async (wish) => {
                const answer = (await get(wish)).toJSON();
                const said = JSON.parse(atob(answer.response.clientDataJSON.replace(/-/g, "+").replace(/_/g, "/")));
                said.origin = "https://evil.example";
                answer.response.clientDataJSON = btoa(JSON.stringify(said)).replace(/=+$/, "");
                return answer;
            };
        }"""
    )
    visitor.press("Use a passkey")
    visitor.reads("This passkey did not work.")

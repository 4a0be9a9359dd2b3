"""Coming and going."""

import pytest
from django.conf import LazySettings
from django.test import Client

from accounts.users.models import User
from tests.factories import PASSWORD, CustomerFactory, StaffFactory
from tests.pages.browser import errors_of, path_of, text_of

pytestmark = pytest.mark.django_db


def sign_in(client: Client, email: str, password: str = PASSWORD, **more: str) -> object:
    return client.post("/sign-in", {"username": email, "password": password, **more})


def test_a_customer_comes_to_their_accounts(client: Client) -> None:
    CustomerFactory.create(email="ada@example.org")
    assert path_of(sign_in(client, " ADA@example.org")) == "/"


def test_a_member_of_staff_comes_to_the_admin(client: Client) -> None:
    StaffFactory.create(email="sam@example.org")
    assert path_of(sign_in(client, "sam@example.org")) == "/admin/"
    assert path_of(client.get("/")) == "/admin/"


def test_one_comes_back_to_the_page_that_asked(client: Client) -> None:
    CustomerFactory.create(email="ada@example.org")
    asked = client.get("/profile")
    assert asked["Location"] == "/sign-in?next=/profile"
    assert path_of(sign_in(client, "ada@example.org", next="/profile")) == "/profile"


def test_one_is_never_sent_to_another_site(client: Client) -> None:
    CustomerFactory.create(email="ada@example.org")
    assert path_of(sign_in(client, "ada@example.org", next="https://example.com/")) == "/"


def test_a_wrong_password_and_an_unknown_email_look_alike(client: Client) -> None:
    CustomerFactory.create(email="ada@example.org")
    known = errors_of(sign_in(client, "ada@example.org", "wrong"))
    assert known == errors_of(sign_in(client, "eve@example.org", "wrong"))
    assert known == {"__all__": ["That e-mail and that password do not belong together. Please check both."]}


def test_guessing_comes_to_an_end(client: Client) -> None:
    CustomerFactory.create(email="ada@example.org")
    for _ in range(10):
        sign_in(client, "ada@example.org", "wrong")
    page = sign_in(client, "ada@example.org")
    assert errors_of(page) == {
        "__all__": ["There were too many wrong passwords. Please wait a minute, then try again."]
    }


def test_the_site_speaks_the_customers_language_unless_the_browser_has_chosen(
    client: Client, settings: LazySettings
) -> None:
    CustomerFactory.create(email="li@example.org", locale="zh-hans")
    sign_in(client, "li@example.org")
    assert client.cookies[settings.LANGUAGE_COOKIE_NAME].value == "zh-hans"
    chosen = Client()
    chosen.post("/i18n/setlang/", {"language": "en"})
    sign_in(chosen, "li@example.org")
    assert chosen.cookies[settings.LANGUAGE_COOKIE_NAME].value == "en"


def test_signing_out_takes_a_post_and_forgets_who_it_was(client: Client, ada: User) -> None:
    assert client.get("/sign-out").status_code == 405
    page = client.post("/sign-out", follow=True)
    assert "You are signed out." in text_of(page)
    assert "_auth_user_id" not in client.session


def test_pages_of_a_customer_are_not_kept_by_the_browser(client: Client, ada: User) -> None:
    assert "no-store" in client.get("/")["Cache-Control"]

"""Coming and going."""

from typing import Any

import pytest
from django.conf import LazySettings
from django.test import Client

from accounts.users.attempts import AttemptCount
from accounts.users.models import User
from accounts.users.security_log import pseudonym
from accounts.web.urls import urlpatterns
from tests.api.caller import Caller
from tests.clock_fixtures import Clock
from tests.factories import PASSWORD, CustomerFactory, StaffFactory
from tests.pages.browser import errors_of, path_of, text_of

pytestmark = pytest.mark.django_db


def sign_in(client: Client, email: str, password: str = PASSWORD, **more: str) -> Any:
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


def test_guessing_comes_to_an_end(client: Client, clock: Clock) -> None:
    CustomerFactory.create(email="ada@example.org")
    for _ in range(10):
        assert sign_in(client, "ada@example.org", "wrong").status_code == 200
    page = sign_in(client, "ada@example.org")
    assert errors_of(page, 429) == {"__all__": ["There were too many attempts. Please try again in 20 seconds."]}
    assert page["Retry-After"] == "20"
    clock.seconds += 20
    assert path_of(sign_in(client, "ada@example.org")) == "/"


def test_the_api_and_the_pages_count_together(client: Client, clock: Clock) -> None:
    CustomerFactory.create(email="ada@example.org")
    for _ in range(10):
        Caller().post("token", {"email": "ADA@example.org", "password": "wrong"}, key=None)
    assert sign_in(client, "ada@example.org").status_code == 429


def test_the_way_out_is_a_new_password_where_one_can_be_set(client: Client, clock: Clock) -> None:
    for _ in range(11):
        page = sign_in(client, "ada@example.org", "wrong")
    can_be_set = "accounts:password_reset" in {f"accounts:{pattern.name}" for pattern in urlpatterns}
    assert ("You need not wait:" in text_of(page)) == can_be_set


@pytest.mark.parametrize("missing", ["username", "password"])
def test_a_form_that_is_not_filled_in_is_no_attempt(client: Client, clock: Clock, missing: str) -> None:
    given = {"username": "ada@example.org", "password": "wrong", missing: ""}
    assert [client.post("/sign-in", given).status_code for _ in range(12)] == [200] * 12
    assert not AttemptCount.objects.exists()


def test_who_has_signed_in_here_before_is_not_locked_out_by_others(client: Client, clock: Clock) -> None:
    CustomerFactory.create(email="ada@example.org")
    sign_in(client, "ada@example.org")
    client.post("/sign-out")
    for _ in range(40):
        sign_in(Client(), "ada@example.org", "wrong")
    assert sign_in(Client(), "ada@example.org").status_code == 429
    assert path_of(sign_in(client, "ada@example.org")) == "/"


def test_under_https_no_other_site_can_set_the_cookie_of_a_device(client: Client, settings: LazySettings) -> None:
    settings.DEVICE_COOKIE_NAME, settings.SESSION_COOKIE_SECURE = "__Host-device", True
    CustomerFactory.create(email="ada@example.org")
    sign_in(client, "ada@example.org")
    cookie = client.cookies["__Host-device"]
    assert (cookie["secure"], cookie["path"], cookie["domain"]) == (True, "/", "")


def test_the_security_log_tells_who_came_in_and_who_did_not(
    client: Client, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    recorded: list[tuple[str, object]] = []
    monkeypatch.setattr(
        "accounts.users.security_log.record", lambda event, _=None, **facts: recorded.append((event, facts))
    )
    ada = CustomerFactory.create(email="ada@example.org")
    for _ in range(11):
        sign_in(client, "ada@example.org", "wrong")
    clock.seconds += 20
    sign_in(client, "ada@example.org")
    sign_in(Client(), "nobody@example.org")
    facts = {"door": "page", "kind": "password", "target": ada.actor, "login": pseudonym("ada@example.org")}
    assert recorded == [
        *[("sign_in.failed", facts)] * 10,
        ("sign_in.throttled", facts),
        ("sign_in.succeeded", {"actor": ada.actor, "door": "page"}),
        ("sign_in.failed", {**facts, "target": None, "login": pseudonym("nobody@example.org")}),
    ]


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
    assert client.get("/sign-out").status_code == 200
    assert "_auth_user_id" in client.session
    page = client.post("/sign-out", follow=True)
    assert "You are signed out." in text_of(page)
    assert "_auth_user_id" not in client.session


def test_pages_of_a_customer_are_not_kept_by_the_browser(client: Client, ada: User) -> None:
    assert "no-store" in client.get("/")["Cache-Control"]

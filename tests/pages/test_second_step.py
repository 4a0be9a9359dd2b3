"""The second step of a sign-in: who has a second factor comes in with it alone."""

import pytest
from django.conf import LazySettings
from django.contrib.auth import SESSION_KEY
from django.test import Client

from accounts.services.staff import SUPERUSER
from accounts.users.code_devices import CodeApp
from accounts.users.factors import remove_app
from accounts.users.models import User
from accounts.users.second_step import PENDING
from accounts.users.session_times import SECOND_FACTOR
from tests.factories import PASSWORD, CustomerFactory, StaffFactory
from tests.pages.browser import text_of
from tests.second_factors import code_of, give_app, sign_in, wrong_code

pytestmark = pytest.mark.django_db


@pytest.fixture
def grace() -> User:
    """A customer whose app is set up."""
    user = CustomerFactory.create(email="grace@example.org", locale="zh-hans")
    give_app(user)
    return user


def give_password(client: Client, user: User, page: str = "/sign-in", **more: str) -> str:
    """The address to which the right password leads."""
    answer = client.post(page, {"username": user.email, "password": PASSWORD, **more})
    assert answer.status_code == 302, answer.content.decode()
    return str(answer["Location"])


def give_code(client: Client, code: str) -> str:
    """The address to which a code leads; empty if it is refused."""
    answer = client.post("/sign-in/code", {"proof-code": code})
    return str(answer.headers.get("Location", ""))


def is_in(client: Client) -> bool:
    return SESSION_KEY in client.session


@pytest.mark.parametrize("page", ["/sign-in", "/admin/login/"])
def test_the_right_password_alone_opens_nothing(client: Client, page: str) -> None:
    boss = StaffFactory.create(role=SUPERUSER)
    give_app(boss)
    assert give_password(client, boss, page) == "/sign-in/code"
    assert not is_in(client)
    assert client.get("/admin/")["Location"].startswith("/admin/login/")
    assert client.get("/api/v1/me").status_code == 401


@pytest.mark.parametrize("page", ["/sign-in", "/admin/login/"])
def test_a_code_of_the_app_opens_after_the_password(client: Client, page: str) -> None:
    boss = StaffFactory.create(role=SUPERUSER)
    give_app(boss)
    give_password(client, boss, page, next="/admin/accounts/user/")
    assert give_code(client, code_of(boss)) == "/admin/accounts/user/"
    assert client.get("/admin/accounts/user/").status_code == 200


def test_the_session_has_another_key_after_each_step(client: Client, grace: User) -> None:
    client.get("/sign-in")
    keys = [client.session.session_key]
    give_password(client, grace)
    keys.append(client.session.session_key)
    give_code(client, code_of(grace))
    keys.append(client.session.session_key)
    assert len(set(keys)) == len(keys) == 3


def test_the_site_then_speaks_the_customers_language(client: Client, grace: User, settings: LazySettings) -> None:
    give_password(client, grace)
    assert settings.LANGUAGE_COOKIE_NAME not in client.cookies
    give_code(client, code_of(grace))
    assert client.cookies[settings.LANGUAGE_COOKIE_NAME].value == "zh-hans"


def test_a_code_opens_once(client: Client, grace: User) -> None:
    code = code_of(grace)
    give_password(client, grace)
    assert give_code(client, code) == "/"
    other = Client()
    give_password(other, grace)
    assert give_code(other, code) == ""
    assert "was used already" in text_of(other.post("/sign-in/code", {"proof-code": code}))
    assert not is_in(other)


def test_a_recovery_code_opens_once_too_however_it_is_typed(client: Client) -> None:
    user = CustomerFactory.create()
    code = give_app(user)[3]
    give_password(client, user)
    assert give_code(client, f" {code.upper().replace('-', ' ')} ") == "/"
    other = Client()
    give_password(other, user)
    assert give_code(other, code) == ""


@pytest.mark.parametrize("code", ["", " ", "12345", "1234567", "abcdef", "１２３４５６", "1_2_34", "a" * 16, "\0"])
def test_a_wrong_code_opens_nothing(client: Client, grace: User, code: str) -> None:
    give_password(client, grace)
    assert give_code(client, code) == ""
    assert not is_in(client)


def test_codes_of_another_user_open_nothing(client: Client, grace: User) -> None:
    other = CustomerFactory.create()
    recovery = give_app(other)
    give_password(client, grace)
    assert give_code(client, recovery[0]) == ""
    if code_of(other) != code_of(grace):
        assert give_code(client, code_of(other)) == ""


def test_who_guesses_is_stopped_and_a_recovery_code_still_opens(client: Client, settings: LazySettings) -> None:
    settings.ATTEMPT_RATES = {**settings.ATTEMPT_RATES, "second_factor": "3/hour"}
    user = CustomerFactory.create()
    recovery = give_app(user)
    for _ in range(3):
        thief = Client()  # in a new session each time, and it does not help
        give_password(thief, user)
        assert give_code(thief, wrong_code(user)) == ""
    give_password(client, user)
    page = client.post("/sign-in/code", {"proof-code": code_of(user)})
    assert (page.status_code, int(page["Retry-After"]) > 1) == (429, True)
    assert "There were too many wrong codes. A recovery code or a passkey still opens." in text_of(page)
    assert give_code(client, recovery[0]) == "/"


def test_right_codes_are_not_counted(grace: User, settings: LazySettings) -> None:
    settings.ATTEMPT_RATES = {**settings.ATTEMPT_RATES, "second_factor": "1/hour"}
    for _ in range(3):
        CodeApp.objects.update(last_t=-1)
        browser = Client()
        give_password(browser, grace)
        assert give_code(browser, code_of(grace)) == "/"


def test_without_the_password_there_is_no_second_step(client: Client, grace: User) -> None:
    assert client.get("/sign-in/code")["Location"] == "/sign-in"
    assert give_code(client, code_of(grace)) == "/sign-in"
    assert not is_in(client)


def test_the_second_step_waits_ten_minutes(client: Client, grace: User) -> None:
    give_password(client, grace)
    session = client.session
    session[PENDING] = {**session[PENDING], "at": session[PENDING]["at"] - 601}
    session.save()
    assert give_code(client, code_of(grace)) == "/sign-in"


@pytest.mark.parametrize("change", ["password", "activity"])
def test_what_changes_between_the_steps_ends_the_first(client: Client, grace: User, change: str) -> None:
    give_password(client, grace)
    if change == "password":
        grace.set_password("another long sentence")
        grace.save()
    else:
        User.objects.filter(pk=grace.pk).update(is_active=False)
    assert give_code(client, code_of(grace)) == "/sign-in"
    assert not is_in(client)


def test_a_wrong_password_does_not_tell_that_there_is_a_second_factor(client: Client, grace: User) -> None:
    plain = CustomerFactory.create()
    pages = [client.post("/sign-in", {"username": user.email, "password": "wrong"}) for user in (grace, plain)]
    assert [page.status_code for page in pages] == [200, 200]
    assert "/sign-in/code" not in text_of(pages[0])


def test_a_form_to_sign_up_that_is_sent_again_does_not_go_around_it(client: Client) -> None:
    form = client.get("/sign-up").context["form"]
    sent = {
        "command_id": str(form["command_id"].value()),
        "name": "Ada",
        "email": "ada@example.org",
        "timezone": "UTC",
        "password": PASSWORD,
    }
    assert client.post("/sign-up", sent)["Location"] == "/"
    give_app(User.objects.get(email="ada@example.org"))
    again = Client()
    assert again.post("/sign-up", sent)["Location"] == "/sign-in/code"
    assert not is_in(again)


def test_the_address_after_both_steps_is_one_of_ours(client: Client, grace: User) -> None:
    give_password(client, grace, next="https://evil.example/")
    assert give_code(client, code_of(grace)) == "/"


def test_a_session_from_before_the_factor_ends_when_it_is_added(client: Client) -> None:
    user = CustomerFactory.create()
    client.force_login(user)
    assert client.get("/profile").status_code == 200
    give_app(user)
    assert client.get("/profile")["Location"].startswith("/sign-in?")
    assert not is_in(client)


def test_a_session_with_the_factor_goes_on_when_the_last_one_is_removed(client: Client, grace: User) -> None:
    sign_in(client, grace)
    remove_app(grace)
    assert client.get("/profile").status_code == 200


def test_signing_in_anew_without_the_factor_forgets_that_it_was_given(client: Client, grace: User) -> None:
    sign_in(client, grace)
    client.force_login(grace)
    assert SECOND_FACTOR not in client.session

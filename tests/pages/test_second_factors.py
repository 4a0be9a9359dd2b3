"""The pages on which people add and remove their second factors."""

import re
from collections.abc import Callable

import pytest
from django.contrib.auth import SESSION_KEY
from django.test import Client
from django_otp.plugins.otp_static.models import StaticToken
from django_otp.plugins.otp_totp.models import TOTPDevice
from django_otp_webauthn.models import WebAuthnCredential

from accounts.users.code_devices import CodeApp
from accounts.users.factors import factors_of, remove_factors, use_code
from accounts.users.mail import OutgoingMail
from accounts.users.models import User
from accounts.users.roles import Role
from accounts.users.tokens import caller_of
from tests.factories import PASSWORD, CustomerFactory, ErasureFactory, StaffFactory
from tests.pages.browser import text_of
from tests.second_factors import age, code_of, give_app, sign_in
from tests.tokens import token_of

pytestmark = pytest.mark.django_db

ROOT = "/security/factors"


@pytest.fixture(params=["customer", "staff"])
def person(request: pytest.FixtureRequest) -> User:
    return CustomerFactory.create() if request.param == "customer" else StaffFactory.create(role=Role.AUDITOR)


@pytest.fixture
def browser(client: Client, person: User) -> Client:
    return sign_in(client, person)


def set_up_app(browser: Client, person: User) -> list[str]:
    """Sets up an app; the recovery codes that the page shows."""
    browser.get(f"{ROOT}/app")
    page = browser.post(f"{ROOT}/app", {"code": code_of(person, confirmed=False)}, follow=True)
    person.refresh_from_db()
    return re.findall(r"(?:[a-z2-7]{4}-){3}[a-z2-7]{4}", text_of(page))


def passkey_of(user: User, name: str = "My phone") -> WebAuthnCredential:
    """A passkey that is there already; nobody has its private half."""
    return WebAuthnCredential.objects.create(user=user, name=name, credential_id=name.encode(), public_key=b"\0")


def test_an_app_counts_once_it_has_made_a_code(browser: Client, person: User) -> None:
    browser.get(f"{ROOT}/app")
    assert not person.has_second_factor
    codes = set_up_app(browser, person)
    assert person.has_second_factor
    assert len(set(codes)) == 10
    assert all(use_code(person, code) for code in codes)


def test_a_wrong_code_sets_nothing_up(browser: Client, person: User) -> None:
    browser.get(f"{ROOT}/app")
    page = browser.post(f"{ROOT}/app", {"code": "12345"})
    assert "This code is wrong or too old." in text_of(page)
    person.refresh_from_db()
    assert not person.has_second_factor


def test_the_code_that_set_it_up_does_not_sign_in(browser: Client, person: User) -> None:
    browser.get(f"{ROOT}/app")
    code = code_of(person, confirmed=False)
    browser.post(f"{ROOT}/app", {"code": code})
    assert not use_code(person, code)


def test_the_page_shows_the_secret_that_the_app_needs_and_reloading_keeps_it(browser: Client, person: User) -> None:
    pages = [text_of(browser.get(f"{ROOT}/app")) for _ in range(2)]
    key = CodeApp.objects.get(user=person).typed_key
    assert all(f"{key}</span>" in page and '<svg viewBox="' in page and "style=" not in page for page in pages)


def test_another_session_is_shown_another_secret(browser: Client, person: User) -> None:
    """Else who was in for a moment could note the secret, and have it when its owner sets it up later."""
    before = Client()
    before.force_login(person)
    key = re.compile(r"(?:[A-Z2-7]{4} ){7}[A-Z2-7]{4}")
    noted, shown = (key.findall(text_of(each.get(f"{ROOT}/app"))) for each in (before, browser))
    assert len(noted) == len(shown) == 1
    assert noted != shown
    assert set_up_app(browser, person)
    assert CodeApp.objects.get(user=person).typed_key in shown


def test_the_database_holds_neither_secrets_nor_codes(browser: Client, person: User) -> None:
    codes = set_up_app(browser, person)
    app = CodeApp.objects.get(user=person)
    assert app.bin_key != TOTPDevice.objects.get(pk=app.pk).bin_key  # what is stored is not what the app has
    stored = set(StaticToken.objects.values_list("token", flat=True))
    assert len(stored) == 10
    assert not stored & {*codes, *(code.replace("-", "") for code in codes)}


def test_with_the_first_factor_other_sessions_and_tokens_end(browser: Client, person: User) -> None:
    other = Client()
    other.force_login(person)
    token = token_of(person)
    set_up_app(browser, person)
    assert browser.get(ROOT).status_code == 200
    assert other.get(ROOT).status_code == 302
    assert SESSION_KEY not in other.session
    assert other.get("/api/v1/me", headers={"Authorization": f"Token {token}"}).status_code == 401


def test_the_session_gets_another_key_with_a_factor(browser: Client, person: User) -> None:
    before = browser.session.session_key
    set_up_app(browser, person)
    assert browser.session.session_key != before


def test_its_owner_hears_of_it_by_mail(browser: Client, person: User) -> None:
    set_up_app(browser, person)
    browser.post(f"{ROOT}/app/remove")
    assert list(OutgoingMail.objects.order_by("pk").values_list("kind", "email")) == [
        ("factor_added", person.email),
        ("factor_removed", person.email),
    ]


def test_an_app_takes_the_place_of_the_one_before(browser: Client, person: User) -> None:
    set_up_app(browser, person)
    old = CodeApp.objects.get(user=person)
    assert set_up_app(browser, person) == []  # the recovery codes stay
    new = CodeApp.objects.get(user=person)
    assert (new.pk, new.confirmed) != (old.pk, True)


def test_recovery_codes_are_made_anew(browser: Client, person: User) -> None:
    old = set_up_app(browser, person)
    assert browser.get(f"{ROOT}/recovery-codes").status_code == 200
    assert factors_of(person).recovery_codes_left == 10
    page = text_of(browser.post(f"{ROOT}/recovery-codes"))
    new = re.findall(r"(?:[a-z2-7]{4}-){3}[a-z2-7]{4}", page)
    assert len(new) == 10
    assert not use_code(person, old[0])
    assert use_code(person, new[0])
    assert "9 codes are left" in text_of(browser.get(ROOT))


def test_nothing_is_removed_by_a_link(browser: Client, person: User) -> None:
    set_up_app(browser, person)
    passkey = passkey_of(person)
    for page in ("app/remove", f"passkeys/{passkey.pk}/remove"):
        assert browser.get(f"{ROOT}/{page}").status_code == 200
    assert factors_of(person).app
    assert factors_of(person).passkeys == [passkey]


def test_the_last_factor_that_is_removed_ends_the_recovery_codes(browser: Client, person: User) -> None:
    codes = set_up_app(browser, person)
    passkey = passkey_of(person)
    assert browser.post(f"{ROOT}/app/remove")["Location"] == ROOT
    person.refresh_from_db()
    assert person.has_second_factor
    assert browser.post(f"{ROOT}/passkeys/{passkey.pk}/remove")["Location"] == ROOT
    person.refresh_from_db()
    assert not person.has_second_factor
    assert not use_code(person, codes[0])


def test_a_passkey_of_somebody_else_is_not_there(browser: Client, person: User) -> None:
    foreign = passkey_of(CustomerFactory.create())
    for send in (browser.get, browser.post):
        assert send(f"{ROOT}/passkeys/{foreign.pk}/remove").status_code == 404
    assert WebAuthnCredential.objects.filter(pk=foreign.pk).exists()


@pytest.mark.parametrize(
    "answer",
    [
        *("", "{}", "[]", "null", "1", '"a"', "{", '{"id": 1}', "[" * 10_000, "a" * 30_000),
        '{"id": "a", "rawId": "a", "response": {}, "type": "x"}',
        '{"id": "AAAA", "rawId": "AAAA", "type": "public-key", "response": {"attestationObject": 5}}',
        '{"id": "AAAA", "rawId": "AAAA", "type": "public-key", "response": []}',
    ],
)
def test_what_no_browser_has_made_is_no_passkey(browser: Client, person: User, answer: str) -> None:
    browser.get(f"{ROOT}/passkey")
    page = browser.post(f"{ROOT}/passkey", {"name": "Mine", "passkey": answer})
    assert page.status_code == 200
    assert "This passkey did not work." in text_of(page)
    passkey_of(person)
    give_app(person)
    thief = Client()
    thief.post("/sign-in", {"username": person.email, "password": PASSWORD})
    thief.get("/sign-in/code")
    page = thief.post("/sign-in/code", {"proof-passkey": answer})
    assert page.status_code == 200
    assert SESSION_KEY not in thief.session


ACTS: list[Callable[[Client], object]] = [
    lambda browser: browser.get(f"{ROOT}/app"),
    lambda browser: browser.get(f"{ROOT}/passkey"),
    lambda browser: browser.post(f"{ROOT}/recovery-codes"),
    lambda browser: browser.post(f"{ROOT}/app/remove"),
    lambda browser: browser.post(f"{ROOT}/passkeys/1/remove"),
]


@pytest.mark.parametrize("act", ACTS)
def test_a_change_of_factors_takes_a_fresh_sign_in(client: Client, act: Callable[[Client], object]) -> None:
    user = CustomerFactory.create()
    give_app(user)
    age(sign_in(client, user), proved=31)
    answer = act(client)
    assert answer["Location"].startswith("/sign-in/again?next=%2Fsecurity%2Ffactors%2F")  # type: ignore[index]
    assert factors_of(user).app
    assert factors_of(user).recovery_codes_left == 10


def test_a_token_is_made_on_the_page_after_a_fresh_sign_in_alone(browser: Client, person: User) -> None:
    age(browser, proved=31)
    answer = browser.post("/security/tokens", {"name": "Books"})
    assert (answer.status_code, answer["Location"]) == (307, "/sign-in/again?next=%2Fsecurity%2Ftokens")
    sent = {"name": "Books", "proof-password": PASSWORD, "proof-next": "/security/tokens"}
    assert "Books" in text_of(browser.post("/sign-in/again", sent, follow=True))
    assert person.tokens.count() == 1


def test_whoever_has_found_the_factors_that_somebody_lost_is_out(person: User) -> None:
    """As the operations guide says of those who run the site."""
    give_app(person)
    finder, token = sign_in(Client(), person), token_of(person)
    remove_factors(person)
    assert finder.get(ROOT).status_code == 302
    assert caller_of(token) is None


def test_an_erasure_removes_the_factors_too() -> None:
    customer = CustomerFactory.create()
    give_app(customer)
    passkey_of(customer)
    ErasureFactory.create(customer=customer)
    assert not TOTPDevice.objects.filter(user=customer).exists()
    assert not StaticToken.objects.exists()
    assert not WebAuthnCredential.objects.exists()


def test_no_secret_is_shown_in_the_admin(client: Client) -> None:
    client.force_login(StaffFactory.create(role="superuser"))
    for address in ("otp_totp/totpdevice/", "otp_static/staticdevice/", "otp_webauthn/webauthncredential/"):
        assert client.get(f"/admin/{address}").status_code == 404

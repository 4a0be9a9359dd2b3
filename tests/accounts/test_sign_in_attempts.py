"""Attempts to sign in: guessing is slow, and locks nobody out but who guesses."""

import re
from collections.abc import Iterator
from datetime import timedelta
from itertools import count

import pytest
from django.conf import settings as site
from django.contrib.auth import authenticate
from django.core.signing import TimestampSigner
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from pytest_django.fixtures import Settings

from accounts.users.attempts import TooManyAttempts
from accounts.users.known_sources import KnownAddress, KnownDeviceMiddleware, remember_device
from accounts.users.models import User
from accounts.users.sign_in_attempts import sign_in_attempt, signed_in
from tests.clock_fixtures import Clock
from tests.emails import release_email
from tests.factories import PASSWORD, CustomerFactory, NewcomerFactory

pytestmark = pytest.mark.django_db

ADA = "ada@example.org"
OTHER_PASSWORD = "another long sentence"


@pytest.fixture(autouse=True)
def rates(settings: Settings, clock: Clock) -> None:
    settings.ATTEMPT_RATES = {"sign_in": "3/min", "sign_in_address": "20/hour", "sign_in_account": "6/hour"}


@pytest.fixture
def ada() -> User:
    return CustomerFactory.create(email=ADA)


@pytest.fixture
def addresses() -> Iterator[str]:
    return (f"10.0.{number // 250}.{number % 250}" for number in count())


def asked(address: str = "192.0.2.1", device: str = "") -> HttpRequest:
    request = RequestFactory().post("/sign-in", REMOTE_ADDR=address)
    request.COOKIES = {site.DEVICE_COOKIE_NAME: device} if device else {}
    return request


def guess(
    given: str = "wrong", *, email: str = ADA, address: str = "192.0.2.1", device: str = "", kind: str = "password"
) -> str:
    """How it went: right, wrong, or throttled."""
    request = asked(address, device)
    try:
        with sign_in_attempt(request, email, door="test", kind=kind) as attempt:
            user = authenticate(request, username=email, password=given)
            if user is None:
                return "wrong"
            assert isinstance(user, User)
            attempt.succeed(user)
        signed_in(request, user, door="test")
    except TooManyAttempts:
        return "throttled"
    return "right"


def guesses(number: int, *, email: str = ADA, address: str = "192.0.2.1", device: str = "") -> list[str]:
    return [guess(email=email, address=address, device=device) for _ in range(number)]


def device_of(user: User) -> str:
    """The cookie of a browser in which a user has signed in."""
    request = asked()
    remember_device(request, user)
    response = KnownDeviceMiddleware(lambda _: HttpResponse())(request)
    assert isinstance(response, HttpResponse)
    return response.cookies[site.DEVICE_COOKIE_NAME].value


def test_wrong_ones_come_to_an_end_and_the_right_one_waits_with_them(ada: User, clock: Clock) -> None:
    assert guesses(4) == ["wrong", "wrong", "wrong", "throttled"]
    assert guess(PASSWORD) == "throttled"
    clock.seconds += 20
    assert guess(PASSWORD) == "right"


def test_a_right_one_takes_back_its_own_count_and_no_other(ada: User) -> None:
    assert guesses(2) == ["wrong", "wrong"]
    assert [guess(PASSWORD) for _ in range(5)] == ["right"] * 5
    assert guesses(4) == ["wrong", "wrong", "wrong", "throttled"]  # the address is known now, and counted for itself


def test_an_address_has_few_for_all_emails_together(ada: User) -> None:
    outcomes = [guess(email=f"{number}@example.org") for number in range(22)]
    assert outcomes == ["wrong"] * 20 + ["throttled"] * 2
    assert guess(PASSWORD) == "throttled"
    assert guess(PASSWORD, address="192.0.2.2") == "right"


def test_an_email_has_few_from_all_addresses_together(ada: User, addresses: Iterator[str]) -> None:
    assert [guess(address=next(addresses)) for _ in range(8)] == ["wrong"] * 6 + ["throttled"] * 2


def test_an_email_that_is_nobodys_is_counted_like_any_other(ada: User, addresses: Iterator[str]) -> None:
    for email in (ADA, "nobody@example.org"):
        assert guesses(4, email=email) == ["wrong", "wrong", "wrong", "throttled"]
        assert [guess(email=email, address=next(addresses)) for _ in range(4)] == ["wrong"] * 3 + ["throttled"]


def test_an_email_that_is_nobodys_takes_the_same_queries(ada: User) -> None:
    asked_for = []
    release_email(NewcomerFactory.create(email="lost@example.org"))
    for email in (ADA, "nobody@example.org", "lost@example.org"):
        with CaptureQueriesContext(connection) as queries:
            guess(email=email)
        asked_for.append([re.sub(r"'[^']*'|[0-9]+", "?", query["sql"]) for query in queries])
    assert asked_for[0] == asked_for[1] == asked_for[2]


def test_who_may_not_sign_in_is_answered_and_counted_like_a_wrong_password(ada: User) -> None:
    User.objects.update(is_active=False)
    assert [guess(PASSWORD) for _ in range(4)] == ["wrong", "wrong", "wrong", "throttled"]


def test_however_the_email_is_spelled(ada: User) -> None:
    assert [guess(email=email) for email in (ADA, " ADA@example.org", "ada@EXAMPLE.org ", "Ada@Example.Org")] == [
        *["wrong"] * 3,
        "throttled",
    ]


def test_nobody_elsewhere_locks_out_a_known_device(ada: User, addresses: Iterator[str]) -> None:
    device = device_of(ada)
    guesses(9)
    [guess(address=next(addresses)) for _ in range(9)]
    assert guess(PASSWORD, address=next(addresses)) == "throttled"
    assert guess(PASSWORD, device=device) == "right"
    assert guess(PASSWORD, device=device, address=next(addresses)) == "right"


def test_nor_of_who_lost_the_address_to_its_owner(addresses: Iterator[str]) -> None:
    lost = NewcomerFactory.create(email=ADA, password=OTHER_PASSWORD)
    release_email(lost)
    NewcomerFactory.create(email=ADA)
    home = next(addresses)
    assert guess(OTHER_PASSWORD, address=home) == "right"
    device = device_of(lost)
    [guess(address=next(addresses)) for _ in range(9)]
    assert guess(OTHER_PASSWORD, address=next(addresses)) == "throttled"
    assert guess(OTHER_PASSWORD, address=home) == "right"
    assert guess(OTHER_PASSWORD, device=device, address=next(addresses)) == "right"


def test_who_lost_the_address_gets_no_new_guesses_with_each_device(addresses: Iterator[str]) -> None:
    lost = NewcomerFactory.create(email=ADA, password=OTHER_PASSWORD)
    release_email(lost)
    NewcomerFactory.create(email=ADA)
    tries = [guess(device=device_of(lost), address=next(addresses)) for _ in range(4)]
    assert tries == ["wrong", "wrong", "wrong", "throttled"]


def test_a_known_device_guesses_no_more_than_others(ada: User, clock: Clock, addresses: Iterator[str]) -> None:
    device = device_of(ada)
    assert guesses(4, device=device) == ["wrong", "wrong", "wrong", "throttled"]
    assert guess(PASSWORD, device=device) == "throttled"
    clock.seconds += 60
    assert guesses(4, device=device, address=next(addresses)) == ["wrong", "wrong", "wrong", "throttled"]
    clock.seconds += 60
    assert guess(device=device) == "throttled", "a cookie that was stolen has its count for the hour, too"
    assert guess(PASSWORD, device=device_of(ada)) == "right"


def test_a_device_is_known_for_one_user(ada: User) -> None:
    eve = CustomerFactory.create(email="eve@example.org")
    guesses(3)
    assert guess(PASSWORD, device=device_of(eve)) == "throttled"


@pytest.mark.parametrize("change", ["password", "access_version"])
def test_a_device_is_known_until_the_access_changes(ada: User, change: str) -> None:
    device = device_of(ada)
    if change == "password":
        ada.set_password(PASSWORD)
        ada.save()
    else:
        ada.end_access()
    guesses(3)
    assert guess(PASSWORD, device=device) == "throttled"


@pytest.mark.parametrize("forged", ["x", "", "a:b:c", "é", "\0", "x" * 5_000])
def test_a_forged_cookie_is_none(ada: User, forged: str) -> None:
    device = device_of(ada)
    guesses(3)
    assert guess(PASSWORD, device=forged + device) == ("right" if not forged else "throttled")


def test_a_device_is_forgotten_after_half_a_year(ada: User, monkeypatch: pytest.MonkeyPatch) -> None:
    device = device_of(ada)
    guesses(3)
    later = (timezone.now() + timedelta(days=181)).timestamp()
    monkeypatch.setattr("django.core.signing.time.time", lambda: later)
    assert guess(PASSWORD, device=device) == "throttled"


def test_the_cookie_names_nobody_and_is_no_scripts_business(ada: User) -> None:
    request = asked()
    remember_device(request, ada)
    cookie = KnownDeviceMiddleware(lambda _: HttpResponse())(request).cookies[site.DEVICE_COOKIE_NAME]
    assert (cookie["httponly"], cookie["samesite"], cookie["path"], cookie["domain"]) == (True, "Strict", "/", "")
    assert cookie["max-age"] == 180 * 86_400
    assert len({device_of(ada) for _ in range(3)}) == 3
    with pytest.raises(Exception, match="does not match"):
        TimestampSigner(salt="accounts.known_device").unsign(cookie.value)


def test_nobody_elsewhere_locks_out_a_known_address(ada: User, addresses: Iterator[str]) -> None:
    assert guess(PASSWORD, address="198.51.100.7") == "right"
    [guess(address=next(addresses)) for _ in range(9)]
    assert guess(PASSWORD, address=next(addresses)) == "throttled"
    assert guess(PASSWORD, address="198.51.100.7") == "right"


def test_an_address_is_known_for_one_user_until_the_access_changes(ada: User, addresses: Iterator[str]) -> None:
    CustomerFactory.create(email="eve@example.org")
    assert guess(PASSWORD, email="eve@example.org", address="198.51.100.7") == "right"
    assert guess(PASSWORD, address="198.51.100.8") == "right"
    ada.set_password(PASSWORD)
    ada.save()
    [guess(address=next(addresses)) for _ in range(6)]
    assert guess(PASSWORD, address="198.51.100.7") == guess(PASSWORD, address="198.51.100.8") == "throttled"


def test_an_address_is_forgotten_after_a_month(ada: User, addresses: Iterator[str]) -> None:
    guess(PASSWORD, address="198.51.100.7")
    KnownAddress.objects.update(ends_at=timezone.now() - timedelta(seconds=1))
    [guess(address=next(addresses)) for _ in range(6)]
    assert guess(PASSWORD, address="198.51.100.7") == "throttled"


def test_addresses_are_stored_as_a_hash_and_deleted_when_they_have_ended(ada: User) -> None:
    guess(PASSWORD, address="198.51.100.7")
    guess(PASSWORD, address="198.51.100.7")
    assert KnownAddress.objects.count() == 1
    assert "198.51" not in str(KnownAddress.objects.values())


def test_a_right_password_alone_makes_no_address_known(ada: User) -> None:
    request = asked()
    with sign_in_attempt(request, ADA, door="test") as attempt:
        attempt.succeed(ada)
    assert not KnownAddress.objects.exists(), "a second factor may be missing yet"


def test_codes_are_counted_apart_from_passwords(ada: User) -> None:
    assert guesses(4) == ["wrong", "wrong", "wrong", "throttled"]
    assert [guess(kind="code") for _ in range(4)] == ["wrong", "wrong", "wrong", "throttled"]


def test_what_breaks_was_a_failure(ada: User) -> None:
    for _ in range(3):
        with pytest.raises(ZeroDivisionError), sign_in_attempt(asked(), ADA, door="test"):
            raise ZeroDivisionError
    assert guess(PASSWORD) == "throttled"

"""Throttles: how often one may call the API."""

import pytest
from django.conf import settings as site
from django.core.cache import cache
from pytest_django.fixtures import Settings

from eventstore.http.throttles import AnonymousThrottle, FixedWindowThrottle
from projections.models import Account
from tests.api.caller import Answer, Caller
from tests.clock_fixtures import Clock
from tests.factories import PASSWORD


@pytest.fixture(autouse=True)
def rates(clock: Clock, monkeypatch: pytest.MonkeyPatch, settings: Settings) -> None:
    monkeypatch.setattr(FixedWindowThrottle, "THROTTLE_RATES", {"anon": "3/min", "user": "5/min"})
    settings.ATTEMPT_RATES = {"sign_in": "2/min"}


def sign_in(caller: Caller, password: str, email: str = "ada@example.org") -> Answer:
    return caller.post("token", {"email": email, "password": password}, key=None)


def test_strangers_are_counted(stranger: Caller) -> None:
    assert [stranger.get("me").status for _ in range(4)] == [401, 401, 401, 429]


def test_a_token_that_is_none_counts_as_a_stranger(stranger: Caller) -> None:
    guesser = Caller("0" * 40)
    assert [guesser.get("me").status for _ in range(3)] == [401, 401, 401]
    assert stranger.get("nothing").status == 429


def test_the_answer_says_when_to_come_again(stranger: Caller, clock: Clock) -> None:
    for _ in range(3):
        stranger.get("me")
    answer = stranger.get("me")
    assert answer.refusal == (429, "THROTTLED", None)
    assert int(answer.headers["Retry-After"]) == 20  # the clock stands 40 seconds into its minute
    clock.seconds += 20
    assert stranger.get("me").status == 401


def test_who_is_signed_in_is_counted_apart(ada: Caller, bob: Caller, stranger: Caller) -> None:
    assert [ada.get("me").status for _ in range(6)] == [200] * 5 + [429]
    assert bob.get("me").status == 200
    assert stranger.get("me").status == 401


def test_wrong_passwords_are_counted(stranger: Caller, adas: Account, clock: Clock) -> None:
    assert [sign_in(stranger, "wrong").status for _ in range(2)] == [401, 401]
    blocked = sign_in(stranger, PASSWORD)
    assert blocked.refusal == (429, "THROTTLED", None)
    assert blocked.headers["Retry-After"] == "20"
    clock.seconds += 20
    assert sign_in(stranger, PASSWORD).status == 200


def test_for_each_email_apart(stranger: Caller, adas: Account, bobs: Account) -> None:
    for _ in range(2):
        sign_in(stranger, "wrong")
    assert sign_in(stranger, PASSWORD, "bob@example.org").status == 200


def test_however_it_is_spelled(stranger: Caller, adas: Account) -> None:
    for email in (" ADA@example.org", "ada@EXAMPLE.org "):
        sign_in(stranger, "wrong", email)
    assert sign_in(stranger, PASSWORD).status == 429


def test_for_each_address_apart(stranger: Caller, adas: Account) -> None:
    for _ in range(2):
        sign_in(stranger, "wrong")
    assert sign_in(from_address("192.0.2.7"), PASSWORD).status == 200


def test_right_passwords_are_not(stranger: Caller, adas: Account) -> None:
    assert [sign_in(stranger, PASSWORD).status for _ in range(3)] == [200, 200, 200]


def test_an_address_of_the_newer_kind_counts_with_its_network(db: None) -> None:
    addresses = ["2001:db8:0:1::1", "2001:db8:0:1:ffff::2", "2001:DB8::1:0:0:0:3", "2001:db8:0:1::4"]
    assert [from_address(address).get("me").status for address in addresses] == [401, 401, 401, 429]
    assert from_address("2001:db8:0:2::1").get("me").status == 401


def test_a_header_that_anyone_can_send_makes_nobody_another(db: None) -> None:
    asked = [from_address("192.0.2.7", forwarded=f"10.0.0.{number}").get("me") for number in range(4)]
    assert [answer.status for answer in asked] == [401, 401, 401, 429]


def test_a_crowd_of_strangers_pushes_out_no_count_of_others(stranger: Caller, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(FixedWindowThrottle, "THROTTLE_RATES", {"anon": "3/day", "user": "5/day"})
    for _ in range(4):
        stranger.get("me")
    for number in range(900):
        AnonymousThrottle().allows(f"10.0.{number // 250}.{number % 250}")
    assert stranger.get("me").status == 429, "the cache has room for more than Django's 300 entries"


def test_one_address_takes_one_entry_of_the_cache(stranger: Caller) -> None:
    for number in range(50):
        Caller(f"{number:040}").get(f"nothing/{number}")
    entries = getattr(cache, "_cache")  # noqa: B009 - of the cache in memory
    assert len([name for name in entries if ":throttle_" in name]) == 1


def test_thousands_of_calls_are_fine() -> None:
    assert site.REST_FRAMEWORK["DEFAULT_THROTTLE_RATES"]["user"] == "6000/min"


def from_address(address: str, *, forwarded: str = "") -> Caller:
    caller = Caller()
    caller.client.defaults["REMOTE_ADDR"] = address
    if forwarded:
        caller.client.defaults["HTTP_X_FORWARDED_FOR"] = forwarded
    return caller

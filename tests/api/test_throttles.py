"""Throttles: how often one may call the API."""

import pytest

from eventstore.http.throttles import FixedWindowThrottle, UserThrottle
from projections.models import Account
from tests.api.caller import Answer, Caller
from tests.factories import PASSWORD


class Clock:
    """Stands still until a test moves it."""

    now = 1_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    rates = {"anon": "3/min", "user": "5/min", "sign_in": "2/min"}
    monkeypatch.setattr(FixedWindowThrottle, "timer", clock)
    monkeypatch.setattr(FixedWindowThrottle, "THROTTLE_RATES", rates)
    return clock


def sign_in(caller: Caller, password: str, email: str = "ada@example.org") -> Answer:
    return caller.post("token", {"email": email, "password": password}, key=None)


def test_strangers_are_counted(stranger: Caller, clock: Clock) -> None:
    assert [stranger.get("me").status for _ in range(4)] == [401, 401, 401, 429]


def test_a_token_that_is_none_counts_as_a_stranger(stranger: Caller, clock: Clock) -> None:
    guesser = Caller("0" * 40)
    assert [guesser.get("me").status for _ in range(3)] == [401, 401, 401]
    assert stranger.get("nothing").status == 429


def test_the_answer_says_when_to_come_again(stranger: Caller, clock: Clock) -> None:
    for _ in range(3):
        stranger.get("me")
    answer = stranger.get("me")
    assert answer.refusal == (429, "THROTTLED", None)
    assert int(answer.headers["Retry-After"]) == 20  # the clock stands 40 seconds into its minute
    clock.now += 20
    assert stranger.get("me").status == 401


def test_who_is_signed_in_is_counted_apart(ada: Caller, bob: Caller, stranger: Caller, clock: Clock) -> None:
    assert [ada.get("me").status for _ in range(6)] == [200] * 5 + [429]
    assert bob.get("me").status == 200
    assert stranger.get("me").status == 401


def test_wrong_passwords_are_counted(stranger: Caller, adas: Account, clock: Clock) -> None:
    assert [sign_in(stranger, "wrong").status for _ in range(2)] == [401, 401]
    blocked = sign_in(stranger, PASSWORD)
    assert blocked.refusal == (429, "THROTTLED", None)
    assert blocked.headers["Retry-After"] == "20"
    clock.now += 20
    assert sign_in(stranger, PASSWORD).status == 200


def test_for_each_email_apart(stranger: Caller, adas: Account, bobs: Account, clock: Clock) -> None:
    for _ in range(2):
        sign_in(stranger, "wrong")
    assert sign_in(stranger, PASSWORD, "bob@example.org").status == 200


def test_however_it_is_spelled(stranger: Caller, adas: Account, clock: Clock) -> None:
    for email in (" ADA@example.org", "ada@EXAMPLE.org "):
        sign_in(stranger, "wrong", email)
    assert sign_in(stranger, PASSWORD).status == 429


def test_for_each_address_apart(stranger: Caller, adas: Account, clock: Clock) -> None:
    for _ in range(2):
        sign_in(stranger, "wrong")
    elsewhere = Caller()
    elsewhere.client.defaults["REMOTE_ADDR"] = "192.0.2.7"
    assert sign_in(elsewhere, PASSWORD).status == 200


def test_right_passwords_are_not(stranger: Caller, adas: Account, clock: Clock) -> None:
    assert [sign_in(stranger, PASSWORD).status for _ in range(3)] == [200, 200, 200]


def test_thousands_of_calls_are_fine() -> None:
    throttle = UserThrottle()
    assert (throttle.num_requests, throttle.duration) == (6_000, 60)

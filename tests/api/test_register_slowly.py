"""Registration tells who is a customer, but slowly."""

import pytest
from django.test import Client
from pytest_django.fixtures import Settings

from accounts.users.attempts import TooManyAttempts
from eventstore.models import Command
from projections.models import Account
from tests.api.caller import Answer, Caller
from tests.clock_fixtures import Clock
from tests.factories import PASSWORD
from tests.pages.browser import errors_of, send


@pytest.fixture(autouse=True)
def rates(settings: Settings, clock: Clock, db: None) -> None:
    settings.ATTEMPT_RATES = {"sign_up": "8/hour", "email_taken": "2/hour"}


def register(caller: Caller, email: str, **how: object) -> Answer:
    details = {"name": "Eve", "email": email, "password": PASSWORD}
    return caller.post("customers", details, **how)  # type: ignore[arg-type]


def test_few_answers_tell_that_an_email_is_taken(stranger: Caller, adas: Account, clock: Clock) -> None:
    assert [register(stranger, "ada@example.org").status for _ in range(4)] == [409, 409, 429, 429]
    refused = register(stranger, "free@example.org")
    assert refused.refusal == (429, "THROTTLED", None)
    assert refused.headers["Retry-After"] == "3560"
    clock.seconds += 3_560
    assert register(stranger, "free@example.org").status == 201


def test_rehearsals_count_like_all_others(stranger: Caller, adas: Account) -> None:
    asked = [register(stranger, "ada@example.org", dry_run=1).status for _ in range(3)]
    assert asked == [409, 409, 429]
    assert register(stranger, "free@example.org", dry_run=1).status == 429


def test_what_is_refused_is_not_decided(stranger: Caller, adas: Account) -> None:
    for _ in range(2):
        register(stranger, "ada@example.org")
    before = Command.objects.count()
    register(stranger, "free@example.org")
    assert Command.objects.count() == before


def test_a_replay_tells_nothing_new(stranger: Caller, adas: Account) -> None:
    asked = [register(stranger, "ada@example.org", key="1").status for _ in range(5)]
    assert asked == [409] * 5
    assert register(stranger, "free@example.org").status == 201


def test_registrations_are_counted_too(stranger: Caller) -> None:
    assert [register(stranger, f"{number}@example.org").status for number in range(10)] == [201] * 8 + [429] * 2


def test_for_each_address_apart(stranger: Caller, adas: Account) -> None:
    for _ in range(3):
        register(stranger, "ada@example.org")
    elsewhere = Caller(client=Client(REMOTE_ADDR="192.0.2.7"))
    assert register(elsewhere, "free@example.org").status == 201


def test_the_page_counts_with_the_api_and_keeps_what_was_written(
    client: Client, stranger: Caller, adas: Account
) -> None:
    eve = {"name": "Eve", "email": "ada@example.org", "password": PASSWORD, "timezone": "UTC"}
    register(stranger, "ada@example.org")
    assert errors_of(send(client, "/sign-up", **eve)).keys() == {"email"}
    page = send(client, "/sign-up", **{**eve, "email": "free@example.org"})
    assert errors_of(page, 429) == {"__all__": [str(TooManyAttempts(3_560))]}
    assert page["Retry-After"] == "3560"
    assert 'value="free@example.org"' in page.content.decode()


def test_both_are_in_the_security_log(stranger: Caller, adas: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    recorded: list[tuple[str, object]] = []
    monkeypatch.setattr(
        "accounts.users.security_log.record", lambda event, _=None, **facts: recorded.append((event, facts))
    )
    for _ in range(3):
        register(stranger, "ada@example.org", dry_run=1)
    told = ("registration.email_taken", {"dry_run": True})
    assert recorded == [told, told, ("registration.throttled", {})]

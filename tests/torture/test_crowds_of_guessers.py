"""Many who guess at the same moment: no more passwords are checked than the rates allow."""

from collections import Counter
from functools import partial

import pytest
from django.test import Client
from pytest_django.fixtures import Settings

from accounts.users.attempts import AttemptCount
from accounts.users.models import User
from tests.clock_fixtures import Clock
from tests.factories import PASSWORD, CustomerFactory, StaffFactory
from tests.torture.threads import at_once

pytestmark = pytest.mark.django_db(transaction=True)

CROWD = 40


@pytest.fixture(autouse=True)
def rates(settings: Settings, clock: Clock) -> None:
    settings.ATTEMPT_RATES = {"sign_in": "10/min", "sign_in_address": "300/hour", "sign_in_account": "100/hour"}


@pytest.fixture
def checked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The passwords that were checked."""
    checked: list[str] = []
    monkeypatch.setattr(User, "check_password", lambda _, password: checked.append(password))
    return checked


@pytest.mark.parametrize("door", ["/sign-in", "/admin/login/", "/api/v1/token"])
def test_no_crowd_overtakes_the_count(door: str, checked: list[str]) -> None:
    StaffFactory.create(email="sam@example.org")
    answers = at_once([partial(status_of, door, "sam@example.org")] * CROWD)
    assert Counter(answers)[429] == CROWD - 10
    assert len(checked) == 10
    assert sorted(AttemptCount.objects.values_list("number", flat=True)) == [10, 10, 10], (
        "who was refused counts nowhere"
    )


def test_a_crowd_at_all_doors_and_for_many_meets_no_deadlock(checked: list[str]) -> None:
    emails = [CustomerFactory.create(email=f"{number}@example.org").email for number in range(4)]
    doors = ("/sign-in", "/admin/login/", "/api/v1/token")
    tasks = [partial(status_of, door, email) for email in emails for door in doors for _ in range(4)]
    assert 500 not in set(at_once(tasks))
    assert len(checked) == 40


def status_of(door: str, email: str) -> int:
    client = Client(raise_request_exception=False)
    if door.startswith("/api"):
        return client.post(door, {"email": email, "password": PASSWORD}, content_type="application/json").status_code
    return client.post(door, {"username": email, "password": PASSWORD}).status_code

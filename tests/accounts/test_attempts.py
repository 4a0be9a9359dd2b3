"""Counts of attempts in the database."""

import pytest
from pytest_django.fixtures import Settings

from accounts.users.attempts import AttemptCount, TooManyAttempts, count, count_together, must_be_few, take_back
from tests.clock_fixtures import Clock

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def rates(settings: Settings, clock: Clock) -> None:
    settings.ATTEMPT_RATES = {"few": "2/min", "many": "5/hour", "none": ""}


def refused(*attempts: tuple[str, str]) -> int:
    """The seconds to wait; 0 if the attempt was counted."""
    try:
        count_together(attempts)
    except TooManyAttempts as error:
        return error.wait_seconds
    return 0


def test_as_many_as_the_rate_says() -> None:
    assert [refused(("few", "ada")) for _ in range(4)] == [0, 0, 20, 20]


def test_for_each_subject_and_scope_apart() -> None:
    count("few", "ada")
    count("few", "ada")
    assert refused(("few", "bob")) == refused(("many", "ada")) == 0


def test_anew_in_the_next_window(clock: Clock) -> None:
    for _ in range(3):
        refused(("few", "ada"))
    clock.seconds += 20
    assert [refused(("few", "ada")) for _ in range(3)] == [0, 0, 60]


def test_the_longest_wait_is_told() -> None:
    for _ in range(2):
        count_together([("few", "ada"), ("many", "ada")])
    for _ in range(3):
        count("many", "ada")
    assert refused(("few", "ada"), ("many", "ada")) == 3_560


def test_under_all_scopes_or_under_none() -> None:
    for _ in range(40):
        refused(("few", "ada"), ("many", "address"))
    assert [refused(("many", "address")) for _ in range(4)] == [0, 0, 0, 3_560]


def test_what_was_taken_back_was_none() -> None:
    for _ in range(10):
        count_together([("few", "ada"), ("many", "ada")]).take_back()
    assert [refused(("few", "ada")) for _ in range(3)] == [0, 0, 20]
    take_back("few", "ada")
    assert refused(("few", "ada")) == 0


def test_nothing_is_taken_back_from_the_next_window(clock: Clock) -> None:
    counted = count("few", "ada")
    clock.seconds += 20
    count("few", "ada")
    counted.take_back()
    assert [refused(("few", "ada")) for _ in range(2)] == [0, 60]


def test_no_count_is_below_none() -> None:
    for _ in range(3):
        take_back("few", "ada")
    assert [refused(("few", "ada")) for _ in range(3)] == [0, 0, 20]


def test_looking_counts_nothing() -> None:
    for _ in range(5):
        must_be_few([("few", "ada")])
    count("few", "ada")
    count("few", "ada")
    with pytest.raises(TooManyAttempts):
        must_be_few([("few", "ada")])


def test_a_scope_without_a_rate_counts_nothing() -> None:
    assert [refused(("none", "ada")) for _ in range(9)] == [0] * 9
    assert refused(("unknown", "ada")) == 0
    assert not AttemptCount.objects.exists()


def test_a_rate_that_is_none_is_named(settings: Settings) -> None:
    settings.ATTEMPT_RATES = {"few": "ten a minute"}
    with pytest.raises(ValueError, match="'ten a minute' of few is not like 10/min"):
        count("few", "ada")


def test_a_flood_makes_no_rows() -> None:
    for number in range(40):
        refused(("few", "one address"), ("many", f"e-mail {number}"))
    assert AttemptCount.objects.count() == 3


def test_what_has_ended_is_deleted(clock: Clock) -> None:
    for number in range(5):
        count("few", str(number))
    clock.seconds += 61
    count("few", "ada")
    assert AttemptCount.objects.count() == 1


def test_whom_it_is_about_is_not_stored_in_clear() -> None:
    count("few", "ada@example.org 192.0.2.1")
    assert "ada@" not in str(AttemptCount.objects.values())


@pytest.mark.parametrize("subject", ["", "a\0b", "\ud800", "x" * 10_000])
def test_whatever_one_writes_can_be_counted(subject: str) -> None:
    assert [refused(("few", subject)) for _ in range(3)] == [0, 0, 20]


def test_the_wait_is_told_in_seconds_or_minutes() -> None:
    assert str(TooManyAttempts(0.2)) == "There were too many attempts. Please try again in 1 second."
    assert str(TooManyAttempts(59.5)) == "There were too many attempts. Please try again in 60 seconds."
    assert str(TooManyAttempts(3_590)) == "There were too many attempts. Please try again in 60 minutes."

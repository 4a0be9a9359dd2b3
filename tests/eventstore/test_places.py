"""How many requests may wait for a read model at a time."""

from contextlib import suppress

from django.test import override_settings

from eventstore.http.places import DEFAULT_PLACES, place_to_wait


def test_so_many_wait_and_no_more() -> None:
    with place_to_wait("ada") as ada, place_to_wait("bob") as bob, place_to_wait("eve") as eve:
        assert (ada, bob, eve) == (True, True, False)
    assert DEFAULT_PLACES == 2


def test_a_caller_has_one_place() -> None:
    with place_to_wait("ada") as first, place_to_wait("ada") as second, place_to_wait("bob") as other:
        assert (first, second, other) == (True, False, True)


def test_a_place_comes_free() -> None:
    for _ in range(3):
        with suppress(ZeroDivisionError), place_to_wait("ada") as may_wait:
            assert may_wait
            raise ZeroDivisionError


@override_settings(EVENTSTORE_MAX_WAITING=1)
def test_the_number_is_a_setting() -> None:
    with place_to_wait("ada") as ada, place_to_wait("bob") as bob:
        assert (ada, bob) == (True, False)

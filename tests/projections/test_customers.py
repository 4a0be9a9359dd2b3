"""Customers and their search."""

from uuid import UUID

import pytest

from accounts.services.registration import update_details
from projections import queries
from tests.factories import CustomerFactory, ErasureFactory, SuspensionFactory
from tests.projections.conftest import World


def names(text: str) -> list[str | None]:
    return [row.name for row in queries.customers(text, limit=10).rows]


def test_shows_what_a_customer_told_last(world: World) -> None:
    customer_id = world.adas.customer_id
    update_details(customer_id, "1", actor=world.ada.actor, name="Countess", timezone="Europe/London")
    row = queries.customer(customer_id)
    assert row
    assert (row.name, row.email, row.locale, row.timezone) == ("Countess", "ada@example.org", "en", "Europe/London")
    assert (row.status, row.version) == ("active", 2)


def test_nobody_is_nobody(world: World) -> None:
    assert queries.customer(UUID(int=1)) is None


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("lovelace", ["Ada Lovelace"]),
        ("@EXAMPLE.com", ["Bob"]),
        ("", ["Bob", "Ada Lovelace"]),
        ("nobody", []),
        ("%", []),
        (str(UUID(int=1)), []),
    ],
)
def test_staff_find_customers_by_name_or_email(text: str, found: list[str], world: World) -> None:
    assert names(text) == found


def test_staff_find_a_customer_by_id(world: World) -> None:
    assert names(str(world.ada.customer_id)) == ["Ada Lovelace"]


def test_pages_hold_everybody_once(world: World) -> None:
    made = [CustomerFactory.create().customer_id for _ in range(3)]
    first = queries.customers(limit=2)
    second = queries.customers(before=first.next, limit=2)
    third = queries.customers(before=second.next, limit=2)
    ids = [row.customer_id for page in (first, second, third) for row in page.rows]
    assert ids == [*reversed(made), world.bob.customer_id, world.ada.customer_id]
    assert third.next is None


@pytest.mark.django_db
def test_the_erased_are_nobody_and_are_not_found_by_what_they_were() -> None:
    gone = CustomerFactory.create(name="Grace Hopper", email="grace@example.org")
    ErasureFactory.create(customer=gone)
    assert gone.customer_id
    row = queries.customer(gone.customer_id)
    assert row
    assert (row.name, row.email, row.locale, row.timezone) == (None, None, None, None)
    assert row.status == "erased"
    assert names("hopper") == names("grace@") == names("erased") == []
    assert names(str(gone.customer_id)) == [None]


@pytest.mark.django_db
def test_a_suspended_customer_is_told_from_others() -> None:
    customer = CustomerFactory.create()
    SuspensionFactory.create(customer=customer)
    assert customer.customer_id
    row = queries.customer(customer.customer_id)
    assert row
    assert row.status == "suspended"

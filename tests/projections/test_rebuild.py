"""A rebuild of each read model gives the same rows."""

from typing import Any

import pytest
from django.db import connection

from accounts.services.registration import update_details
from eventstore.models import SubjectKey
from eventstore.personal import UNREADABLE, erase
from eventstore.projecting.declaration.projection import Projection
from eventstore.projecting.declaration.registry import projections
from eventstore.projecting.inspect import drift
from eventstore.projecting.rebuild import rebuild
from eventstore.projecting.runner.runner import Runner
from projections import queries
from tests.emails import change_email, release_email
from tests.projections.conftest import Bustle, World

NAMES = [
    *(
        "customers",
        "customer_parts",
        "accounts",
        "entries",
        "holds",
        "approvals",
        "journal_legs",
        "daily_balances",
        "volumes",
    ),
    "audit_lines",
]


def rows_of(projection: Projection) -> list[dict[str, Any]]:
    return list(projection.model._default_manager.order_by("pk").values())


@pytest.mark.parametrize("name", NAMES)
def test_a_rebuild_gives_the_same_rows(name: str, bustle: Bustle, world: World) -> None:
    update_details(world.adas.customer_id, "1", actor=world.ada.actor, name="Countess", email="countess@example.com")
    change_email(world.ada)
    update_details(world.adas.customer_id, "2", actor=world.ada.actor, name="Countess of Lovelace")
    release_email(world.bob)
    Runner().catch_up()
    before = rows_of(projections[name])
    rebuild([projections[name]])
    assert before
    assert rows_of(projections[name]) == before


def test_every_read_model_can_be_rebuilt_in_one_pass(bustle: Bustle) -> None:
    Runner().catch_up()
    chosen = [p for p in projections.values() if p.function.__module__.startswith("projections.")]
    before = [rows_of(projection) for projection in chosen]
    rebuild(chosen)
    assert {projection.name for projection in chosen} == set(NAMES)
    assert [rows_of(projection) for projection in chosen] == before


def test_no_row_drifts_from_the_log(bustle: Bustle) -> None:
    Runner().catch_up()
    assert not [found for found in drift.check([projections[name] for name in NAMES]) if found.found]


def test_the_erased_have_no_name_after_a_rebuild(world: World) -> None:
    customer_id = world.adas.customer_id
    erase(customer_id)
    rebuild([projections["customers"]])
    row = queries.customer(customer_id)
    assert row
    assert (row.name, row.email, row.timezone) == (None, None, "UTC")


def test_what_a_rebuild_leaves_behind_names_nobody(world: World) -> None:
    """Old tables are not erased with a person, so a projection with personal data must declare `personal`."""
    rebuild(list(projections.values()))
    kept = [name for name in connection.introspection.table_names() if name.endswith("__old")]
    assert kept
    assert not [name for name in kept if mentions(name, world.ada.email) or mentions(name, "Ada")]


def mentions(table: str, text: str) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(f'SELECT * FROM "{table}"')
        return any(text in str(value) for row in cursor.fetchall() for value in row)


def test_a_damaged_key_stops_no_rebuild_and_is_shown_until_it_is_restored(world: World) -> None:
    key = SubjectKey.objects.filter(pk=world.adas.customer_id)
    (well,) = key.values_list("wrapped", flat=True)
    key.update(wrapped=b"damaged")
    rebuild([projections["customers"]])
    row = queries.customer(world.adas.customer_id)
    assert row
    assert (row.name, row.email) == (UNREADABLE, UNREADABLE)
    key.update(wrapped=well)
    rebuild([projections["customers"]])
    row = queries.customer(world.adas.customer_id)
    assert row
    assert row.name == "Ada Lovelace"

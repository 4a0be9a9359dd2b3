"""A role with the printed rights can't change recorded rows."""

from io import StringIO
from uuid import uuid4

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, transaction

from eventstore.execute import execute
from eventstore.models import Event
from tests.eventstore.sample import Count
from tests.role_fixtures import QUOTED, acting, grant

on_postgresql = pytest.mark.postgresql


def refused(statement: str) -> None:
    with (
        pytest.raises(DatabaseError, match=r"permission denied|must be owner"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement)


ATTACKS = [
    "UPDATE {table} SET type = 'forged'",
    "DELETE FROM {table}",
    "TRUNCATE {table}",
    "ALTER TABLE {table} DISABLE TRIGGER append_only",
    "ALTER TABLE {table} DISABLE TRIGGER ALL",
    "DROP TRIGGER append_only ON {table}",
    "DROP TABLE {table}",
]
OTHER_ATTACKS = [
    "SET session_replication_role = replica",
    "SELECT setval('eventstore_event_position_seq', 1)",
    "CREATE OR REPLACE FUNCTION eventstore_refuse_change() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'",
    "DELETE FROM eventstore_stream",
    "DELETE FROM eventstore_subjectkey",
    "UPDATE eventstore_projection SET version = 99",
    "DELETE FROM django_migrations",
]


@on_postgresql
@pytest.mark.parametrize("table", ["eventstore_event", "eventstore_command"])
@pytest.mark.parametrize("attack", ATTACKS)
def test_the_role_can_not_change_what_has_happened(granted: None, table: str, attack: str) -> None:
    with acting():
        execute(Count(uuid4(), 1), "key", actor="tester")
        refused(attack.format(table=table))


@on_postgresql
@pytest.mark.parametrize("attack", OTHER_ATTACKS)
def test_nor_can_it_get_there_by_another_way(granted: None, attack: str) -> None:
    with acting():
        refused(attack)


@on_postgresql
@pytest.mark.parametrize("attack", ATTACKS[:3])
def test_it_can_not_even_while_the_owner_has_the_guards_off(granted: None, attack: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE eventstore_event DISABLE TRIGGER ALL")
    with acting():
        refused(attack.format(table="eventstore_event"))


@on_postgresql
def test_the_owner_could_which_is_why_the_site_should_not_be_it(db: None) -> None:
    """The counterpart of the test above: it is the rights that hold the role back."""
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE eventstore_event DISABLE TRIGGER ALL")
    Event.objects.update(type="forged")


@on_postgresql
def test_rights_that_were_given_before_are_taken_back(role: None, db: None) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"GRANT ALL ON ALL TABLES IN SCHEMA public TO {QUOTED}")
    grant()
    with acting():
        refused("UPDATE eventstore_event SET type = 'forged'")


@on_postgresql
@pytest.mark.django_db
def test_a_role_that_is_not_there_yet_is_created() -> None:
    output = StringIO()
    call_command("print_grants", "newcomer", stdout=output)
    text = output.getvalue()
    assert 'CREATE ROLE "newcomer" LOGIN;' in text
    assert 'GRANT SELECT, INSERT ON public."eventstore_event" TO "newcomer";' in text
    assert 'GRANT USAGE, SELECT ON SEQUENCE public.eventstore_event_position_seq TO "newcomer";' in text


@pytest.mark.sqlite
@pytest.mark.django_db
def test_sqlite_has_no_roles() -> None:
    with pytest.raises(CommandError, match="Guard the file"):
        call_command("print_grants", "site")

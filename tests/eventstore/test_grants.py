"""A role with the printed rights runs the site, and can't change what has happened."""

from collections.abc import Iterator
from contextlib import contextmanager
from io import StringIO

import psycopg
import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, transaction
from django.test import Client

from accounts.users.models import User
from eventstore import feed, personal
from eventstore.checks import doctor
from eventstore.checks.doctor.findings import Level
from eventstore.checks.grants import statements
from eventstore.models import Event
from eventstore.projecting.declaration.registry import projections
from eventstore.projecting.rebuild import rebuild, take_back
from eventstore.projecting.runner.heartbeat import Heartbeat
from eventstore.projecting.runner.runner import position_of
from projections.models import Account
from tests.factories import PASSWORD, AccountFactory, CustomerFactory, DepositFactory

ROLE = 'the "site"'
QUOTED = '"the ""site"""'

on_postgresql = pytest.mark.postgresql


@pytest.fixture(scope="session")
def role(django_db_setup: None) -> None:
    """A role without any rights; the owner of the tables may act as it, so that a test can."""
    params = connection.get_connection_params()
    with psycopg.connect(host=params["host"], user="postgres", dbname="postgres", autocommit=True) as superuser:
        superuser.execute(f"DROP ROLE IF EXISTS {QUOTED}".encode())
        superuser.execute(f"CREATE ROLE {QUOTED} LOGIN".encode())
        superuser.execute(f"GRANT {QUOTED} TO {params['user']}".encode())


@pytest.fixture
def granted(role: None, db: None) -> None:
    """The role has the printed rights; a test is a transaction of its own, so they go with it."""
    grant()


def grant() -> None:
    with connection.cursor() as cursor:
        cursor.execute("\n".join(line for line in statements(connection, ROLE) if line not in ("BEGIN;", "COMMIT;")))


@contextmanager
def acting(as_role: str = QUOTED) -> Iterator[None]:
    """The same connection, with the rights of the role."""
    with connection.cursor() as cursor:
        cursor.execute(f"SET ROLE {as_role}")
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("RESET ROLE")


def refused(statement: str) -> None:
    with (
        pytest.raises(DatabaseError, match=r"permission denied|must be owner"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement)


@on_postgresql
def test_the_role_executes_commands_and_runs_projections(granted: None) -> None:
    with acting():
        ada = CustomerFactory.create()
        AccountFactory.create(owner=ada, balance=10_000)
        call_command("run_projections", "--once")
        Heartbeat(["journal_legs"]).beat()
        assert position_of(projections["journal_legs"]) == feed.advance().position > 0


@on_postgresql
def test_the_role_serves_pages(granted: None, client: Client) -> None:
    with acting():
        ada = CustomerFactory.create(name="Ada Lovelace")
        account = AccountFactory.create(owner=ada, balance=10_000)
        assert client.login(username=ada.email, password=PASSWORD)
        for address in ("/", f"/accounts/{account.pk}", "/profile", "/api/v1/accounts"):
            assert client.get(address).status_code == 200


@on_postgresql
def test_the_role_can_look_after_itself(granted: None) -> None:
    """It is examined, its rows are proved, and a person is forgotten."""
    with acting():
        ada: User = CustomerFactory.create()
        call_command("check_projections", stdout=StringIO())  # which exits with 3 if a row is not what it should be
        assert ada.customer_id
        assert personal.erase(ada.customer_id)
        found = {finding.subject: finding for finding in doctor.examine()}
    assert found["role"].level == Level.OK, found["role"]
    assert found["migrations"].level == Level.OK


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
        DepositFactory.create()
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
def test_the_role_reads_a_table_that_is_taken_back(role: None, db: None) -> None:
    """Its rights were printed while the table stood aside."""
    rebuild([projections["accounts"]])
    grant()
    take_back(projections["accounts"])
    with acting():
        assert Account.objects.count() == 0


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

"""A role of PostgreSQL that has the printed rights, and that a test acts as."""

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
import pytest
from django.db import connection

from eventstore.checks.grants import statements

ROLE = 'the "site"'
QUOTED = '"the ""site"""'


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

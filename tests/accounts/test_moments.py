"""When something was seen last is written in passing: never at the cost of who waits for an answer."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import psycopg
import pytest
from django.db import connection, connections
from django.test import Client
from django.utils import timezone

from accounts.users.moments import note
from accounts.users.sessions import Session
from accounts.users.tokens import ApiToken, caller_of, make_token
from tests.api.caller import Caller
from tests.factories import CustomerFactory

pytestmark = pytest.mark.django_db(transaction=True)


@contextmanager
def another_has(table: str) -> Iterator[None]:
    """Another connection has locked the rows of a table; in SQLite, the only place to write."""
    if connection.vendor == "sqlite":
        other: Any = sqlite3.connect(connection.settings_dict["NAME"], isolation_level=None)
        lock = "BEGIN IMMEDIATE"
    else:
        other = psycopg.connect(**{**connection.get_connection_params(), "cursor_factory": psycopg.Cursor})
        lock = f"SELECT 1 FROM {table} FOR UPDATE"
    other.execute(lock)
    try:
        yield
    finally:
        other.rollback()
        other.close()


def test_a_call_does_not_wait_for_who_has_the_token() -> None:
    caller = Caller(make_token(CustomerFactory.create())[1])
    with another_has("accounts_apitoken"):
        assert caller.get("tokens").status == 200
        assert ApiToken.objects.get().last_used_at is None
    assert caller.get("tokens").status == 200
    assert ApiToken.objects.get().last_used_at


def test_a_page_does_not_wait_for_who_has_the_session(client: Client) -> None:
    client.force_login(CustomerFactory.create())
    old = timezone.now() - timedelta(minutes=5)
    Session.objects.update(seen_at=old)
    with another_has("accounts_session"):
        assert client.get("/security").status_code == 200
        assert Session.objects.get().seen_at == old


def test_sqlite_waits_not_at_all_then_as_before() -> None:
    """How long it waits is a setting of the connection."""
    if connection.vendor != "sqlite":
        pytest.skip("SQLite's setting")
    made, _ = make_token(CustomerFactory.create())
    waits: list[tuple[int]] = []

    def spy(execute: Any, sql: str, *given: Any) -> Any:
        if "accounts_apitoken" in sql:
            waits.append(connection.connection.execute("PRAGMA busy_timeout").fetchone())
        return execute(sql, *given)

    with connection.cursor() as cursor, connection.execute_wrapper(spy):
        cursor.execute("PRAGMA busy_timeout = 1234")
        note(ApiToken, made.pk, last_used_at=timezone.now())
        cursor.execute("PRAGMA busy_timeout")
        assert cursor.fetchone() == (1234,)
    assert waits == [(0,), (0,)]
    connections.close_all()


def test_a_database_that_is_read_only_is_read() -> None:
    _, token = make_token(CustomerFactory.create())
    with connection.cursor() as cursor:
        is_sqlite = connection.vendor == "sqlite"
        cursor.execute("PRAGMA query_only = 1" if is_sqlite else "SET default_transaction_read_only = on")
        try:
            assert caller_of(token)
        finally:
            cursor.execute("PRAGMA query_only = 0" if is_sqlite else "SET default_transaction_read_only = off")
    assert ApiToken.objects.get().last_used_at is None

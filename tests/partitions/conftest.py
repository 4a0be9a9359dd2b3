"""A copy of the test database whose stores are partitioned; the ordinary one stays as it is."""

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
import pytest
from django.db import connection, connections
from pytest_django import DjangoDbBlocker

from eventstore.models import Command, Event
from eventstore.partitions import CannotPartition, adopt, partitions
from eventstore.partitions.attach import attach
from eventstore.partitions.stores import EVENTS, STORES, Store

SIZE = 50  # positions in a partition


@contextmanager
def copied_database(ending: str) -> Iterator[None]:
    """Within the block, this process works on a copy of the test database."""
    original, copy = connection.settings_dict["NAME"], f"{connection.settings_dict['NAME']}_{ending}"
    connections.close_all()
    with _maintenance() as session:
        session.execute(f'DROP DATABASE IF EXISTS "{copy}" WITH (FORCE)'.encode())
        session.execute(f'CREATE DATABASE "{copy}" OWNER tidemark TEMPLATE "{original}"'.encode())
    connection.settings_dict["NAME"] = copy
    try:
        yield
    finally:
        connections.close_all()
        connection.settings_dict["NAME"] = original
        with _maintenance() as session:
            session.execute(f'DROP DATABASE "{copy}" WITH (FORCE)'.encode())


def _maintenance() -> "psycopg.Connection[tuple[object, ...]]":
    params = connection.get_connection_params()
    return psycopg.connect(host=params["host"], user="postgres", dbname="postgres", autocommit=True)


@pytest.fixture(scope="module")
def partitioned(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """A partitioned database, for all tests of a module."""
    with django_db_blocker.unblock(), copied_database("partitioned"):
        adopt(connection, size=SIZE)
        with connection.cursor() as cursor:  # what a flush puts back
            cursor.execute("UPDATE kept_eventstore_cluster SET place = now.place FROM eventstore_cluster AS now")
        yield


def first_end(store: Store = EVENTS) -> int:
    """Where the first partition ends that has rows."""
    first = (
        Event.objects.order_by("position").first() if store == EVENTS else Command.objects.order_by("number").first()
    )
    assert first
    return next(each.end for each in partitions(connection, store) if each.end and each.end > first.pk)


def put_back() -> None:
    """Attach what was detached: the tests of a module share a database."""
    for store in STORES:
        try:
            attach(connection, store, 0)
        except CannotPartition:
            continue

"""The browsing indexes may be dropped and made again while the site goes on."""

import json
from collections.abc import Iterator
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from eventstore.log import browsing_indexes
from eventstore.log.browsing_indexes import BROWSING

TYPE = "eventstore_event_type"


@pytest.fixture(autouse=True)
def whole_again(transactional_db: None) -> Iterator[None]:
    """All of them, after each test."""
    yield
    for index in BROWSING.values():
        browsing_indexes.create(connection, index)


def run(*arguments: str) -> str:
    """What the command prints; it must not exit."""
    printed = StringIO()
    call_command("browsing_indexes", *arguments, stdout=printed)
    return printed.getvalue()


def test_all_are_there_unless_a_site_wants_none() -> None:
    assert json.loads(run("--json")) == dict.fromkeys(BROWSING, True)


def test_one_is_dropped_and_made_again() -> None:
    run("--drop", TYPE)
    assert browsing_indexes.there(connection) == {name: name != TYPE for name in BROWSING}
    with pytest.raises(SystemExit) as end:
        run()
    assert end.value.code == 3
    run("--create")
    assert all(browsing_indexes.there(connection).values())


def test_the_setting_is_applied(settings: Any) -> None:
    settings.EVENTSTORE_BROWSING_INDEXES = False
    assert "DROP INDEX" in run("--apply")
    assert not any(browsing_indexes.there(connection).values())
    assert "is not there" in run()
    assert "As it was." in run("--apply")
    settings.EVENTSTORE_BROWSING_INDEXES = True
    run("--apply")
    assert all(browsing_indexes.there(connection).values())


@pytest.mark.postgresql
def test_each_partition_gets_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE parted (position bigint, type text) PARTITION BY RANGE (position)")
        cursor.execute("CREATE TABLE parted_1 PARTITION OF parted FOR VALUES FROM (0) TO (10)")
        cursor.execute("CREATE TABLE parted_2 PARTITION OF parted FOR VALUES FROM (10) TO (20)")
    monkeypatch.setattr(browsing_indexes.BrowsingIndex, "table", "parted")
    other = browsing_indexes.BrowsingIndex(TYPE, BROWSING[TYPE].model, "")
    try:
        browsing_indexes.drop(connection, BROWSING[TYPE])
        browsing_indexes.create(connection, other)
        with connection.cursor() as cursor:
            cursor.execute("SELECT indisvalid FROM pg_index WHERE indexrelid = %s::regclass", [TYPE])
            assert cursor.fetchone() == (True,)
            cursor.execute("SELECT count(*) FROM pg_inherits WHERE inhparent = %s::regclass", [TYPE])
            assert cursor.fetchone() == (2,)
        browsing_indexes.drop(connection, other)
    finally:
        with connection.cursor() as cursor:
            cursor.execute("DROP TABLE parted")
        monkeypatch.undo()


def test_an_unknown_one_is_told() -> None:
    with pytest.raises(CommandError, match="No browsing index is called 'nonsense'"):
        run("nonsense")

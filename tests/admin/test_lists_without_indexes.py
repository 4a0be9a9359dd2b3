"""Lists of events and commands without the indexes that they are browsed by show the newest rows, and say so."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from eventstore.admin import keyset
from tests.admin.conftest import World
from tests.admin.pages import keys_on, read

LISTS = [
    ("eventstore/event/", {"type": "account.opened"}, "eventstore_event_type"),
    ("eventstore/event/", {"category": "account"}, "eventstore_event_type"),
    ("eventstore/command/", {"type": "account.open"}, "eventstore_command_type"),
]
SAYS = "The index for this choice is not in this database"


@pytest.fixture
def dropped(settings: Any) -> Callable[[str], None]:
    """Drops an index that this database is not to have; the test's transaction brings it back."""
    settings.EVENTSTORE_BROWSING_INDEXES = False

    def drop(index: str) -> None:
        with connection.cursor() as cursor:
            cursor.execute(f"DROP INDEX {index}")

    return drop


@pytest.mark.parametrize("where", LISTS)
def test_the_page_says_so(
    where: tuple[str, dict[str, str], str], staff: Client, world: World, dropped: Callable[[str], None]
) -> None:
    path, query, index = where
    whole = keys_on(staff, path, **query)
    assert SAYS not in read(staff, path, **query)
    dropped(index)
    assert SAYS in read(staff, path, **query)
    assert SAYS not in read(staff, path)
    assert keys_on(staff, path, **query) == whole


def test_no_older_row_is_looked_at(
    staff: Client, world: World, dropped: Callable[[str], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    dropped("eventstore_event_type")
    monkeypatch.setattr(keyset, "NEWEST", 1)
    assert len(keys_on(staff, "eventstore/event/", category="account")) <= 1

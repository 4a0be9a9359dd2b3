"""A world to call into, in one transaction that is never committed."""

from collections.abc import Iterator

import pytest
from django.core.signals import request_finished, request_started
from django.db import close_old_connections

from tests.authorization.conftest import world
from tests.authorization.world import World
from tests.contract.description import REAL

__all__ = ["world"]


@pytest.fixture
def real(world: World, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    """The world, whose ids take the place of some that are made up; nobody waits for what is yet to come."""
    monkeypatch.setattr("eventstore.http.query_views.MAX_WAIT_SECONDS", 0)
    ids = {**world.ids, "from_account": world.ids["account_id"], "to_account": str(world.friends.account_id)}
    monkeypatch.setattr(REAL, "ids", ids)
    for signal in (request_started, request_finished):  # a server closes what an open transaction needs
        signal.disconnect(close_old_connections)
    yield world
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)

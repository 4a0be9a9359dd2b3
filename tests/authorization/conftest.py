"""A world to be kept apart, in which nobody calls too often and nothing stands still."""

import logging

import pytest

from eventstore.http.throttles import FixedWindowThrottle
from tests.authorization.world import World, make_world


@pytest.fixture
def world(db: None, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> World:
    """What there is to be seen. That a projection stumbles is part of it."""
    monkeypatch.setattr(
        FixedWindowThrottle, "THROTTLE_RATES", dict.fromkeys(("anon", "user", "sign_in"), "1000000/min")
    )
    monkeypatch.setattr("config.health.problems", list)
    caplog.set_level(logging.ERROR)
    return make_world()

"""Fixtures: the world, without throttling."""

import logging

import pytest

from eventstore.http.throttles import FixedWindowThrottle
from tests.authorization.world import World, make_world


@pytest.fixture
def world(db: None, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> World:
    """The world of these tests, with a parked stream."""
    monkeypatch.setattr(
        FixedWindowThrottle, "THROTTLE_RATES", dict.fromkeys(("anon", "user", "sign_in"), "1000000/min")
    )
    monkeypatch.setattr("config.health.problems", list)
    caplog.set_level(logging.ERROR)
    return make_world()

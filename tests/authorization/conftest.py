"""Fixtures: the world, without throttling."""

import logging

import pytest
from pytest_django.fixtures import Settings

from eventstore.http.throttles import FixedWindowThrottle
from tests.authorization.world import World, make_world


@pytest.fixture
def world(db: None, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, settings: Settings) -> World:
    """The world of these tests, with a parked stream."""
    monkeypatch.setattr(FixedWindowThrottle, "THROTTLE_RATES", dict.fromkeys(("anon", "user"), "1000000/min"))
    settings.ATTEMPT_RATES = {}
    monkeypatch.setattr("config.health.problems", list)
    caplog.set_level(logging.ERROR)
    return make_world()

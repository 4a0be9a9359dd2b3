"""Targets that a test declares are forgotten after it."""

from tests.eventstore.relay.conftest import targets

__all__ = ["targets"]

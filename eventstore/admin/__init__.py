"""The engine's part of the Django admin: everything can be looked at, no fact and no row can be changed."""

from eventstore.admin import commands, events, parked, projections, streams

__all__ = ["commands", "events", "parked", "projections", "streams"]

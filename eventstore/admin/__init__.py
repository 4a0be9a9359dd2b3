"""The engine's part of the Django admin: everything can be looked at, nothing can be changed."""

from eventstore.admin import commands, events, projections, streams

__all__ = ["commands", "events", "projections", "streams"]

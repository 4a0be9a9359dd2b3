"""The engine's part of the Django admin: everything can be looked at, no fact and no row can be changed."""

from eventstore.admin import commands, events, parked, projections, streams  # noqa: F401 - register themselves
from eventstore.admin.readonly import ReadOnlyAdmin
from eventstore.admin.show import Fact, Link, Section

__all__ = ["Fact", "Link", "ReadOnlyAdmin", "Section"]

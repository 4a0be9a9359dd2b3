"""The engine's part of the Django admin: everything can be looked at, no fact and no row can be changed.

A project shows its read models in the same way: `class LoanAdmin(ReadOnlyAdmin)`, with filters that an index answers.
"""

from eventstore.admin import commands, events, parked, projections, show, streams  # noqa: F401 - register themselves
from eventstore.admin.filters import Filter, OutcomeFilter, RecordedFilter
from eventstore.admin.readonly import ReadOnlyAdmin, as_number, as_uuid
from eventstore.admin.show import Fact, Link, Section

__all__ = [
    "Fact",
    "Filter",
    "Link",
    "OutcomeFilter",
    "ReadOnlyAdmin",
    "RecordedFilter",
    "Section",
    "as_number",
    "as_uuid",
    "show",
]

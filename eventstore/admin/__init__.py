"""The engine's part of the Django admin: everything can be looked at, no fact and no row can be changed.

A project shows its read models in the same way: `class LoanAdmin(ReadOnlyAdmin)`, with filters that an index answers.
"""

from eventstore.admin import (  # noqa: F401 - register themselves
    commands,
    drills,
    epochs,
    events,
    heads,
    parked,
    projections,
    show,
    streams,
)
from eventstore.admin.filters import Filter, OutcomeFilter, RecordedFilter
from eventstore.admin.messages import may_see_personal_data
from eventstore.admin.readonly import ReadOnlyAdmin, as_number, as_uuid
from eventstore.admin.show import Fact, Link, Section
from eventstore.admin.words import Words, speak

__all__ = [
    "Fact",
    "Filter",
    "Link",
    "OutcomeFilter",
    "ReadOnlyAdmin",
    "RecordedFilter",
    "Section",
    "Words",
    "as_number",
    "as_uuid",
    "may_see_personal_data",
    "show",
    "speak",
]

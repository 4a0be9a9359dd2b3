"""How read models follow from events: pure, no clock, no queries, no rules."""

from projections.projectors import accounts, approvals, audit, customers, days, entries, holds, journal

__all__ = ["accounts", "approvals", "audit", "customers", "days", "entries", "holds", "journal"]

"""Projectors, which compute read models from events: pure, without clock, queries or rules."""

from projections.projectors import accounts, approvals, audit, customers, days, entries, holds, journal

__all__ = ["accounts", "approvals", "audit", "customers", "days", "entries", "holds", "journal"]

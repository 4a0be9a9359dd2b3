"""Projectors, which compute read models from events: pure, without clock, queries or rules."""

from projections.projectors import accounts, approvals, audit, customer_parts, customers, days, entries, holds, journal

__all__ = ["accounts", "approvals", "audit", "customer_parts", "customers", "days", "entries", "holds", "journal"]

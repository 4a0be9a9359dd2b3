"""The read models in the admin: what customers see, with the way back to the commands and events behind it."""

from projections.admin import approvals, audit, customers, days, entries, holds, statements

__all__ = ["approvals", "audit", "customers", "days", "entries", "holds", "statements"]

"""The read models in the admin, with links to the commands and events behind each row."""

from projections.admin import approvals, audit, customers, days, entries, holds, statements

__all__ = ["approvals", "audit", "customers", "days", "entries", "holds", "statements"]

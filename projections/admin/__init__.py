"""The read models in the admin, with links to the commands and events behind each row."""

from eventstore.admin import speak
from projections.admin import approvals, audit, customers, days, entries, holds, statements
from projections.admin.words import ProductWords

__all__ = ["approvals", "audit", "customers", "days", "entries", "holds", "statements"]

speak(ProductWords())

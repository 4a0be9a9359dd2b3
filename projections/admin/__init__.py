"""The read models in the admin: what customers see, with the way back to the commands and events behind it."""

from projections.admin import audit, customers, entries

__all__ = ["audit", "customers", "entries"]
